import Catalogue
import OAuth
import StrictJSON
import Vocabulary

/// What the developer of a client may read of a refusal's record.
struct DeveloperView {
  let json: JSON
  let code: String
  private let record: JSON

  /// `nil` for a record that is not about one of these clients, proven by its own credential.
  init?(_ record: JSON, develops clients: [ClientID]) {
    guard let client = record["client_id"]?.string, clients.contains(ClientID(client)),
      record["client_state"]?.string == "proven", let code = record["code"]?.string
    else { return nil }
    self.record = record
    self.code = code
    var members: [JSON.Member] = []
    for name in [
      "trace_id", "time", "mode", "provoked", "request", "code", "reason", "retry", "client_id", "count", "first",
      "last",
    ] {
      if let value = record[name] { members.append(.init(name, name == "request" ? Self.request(value) : value)) }
    }
    // When their own refresh token was rotated, which they beg to know.
    let rotated = record["timeline"]?.array?.last { $0["event"]?.string == "rotated" }
    if let at = rotated?["at"] { members.append(.init("rotated_at", at)) }
    if let steps = record["steps"]?.members {
      members.append(.init("steps", .object(steps.filter { $0.name != "operator" })))
    }
    if let answer = record["answer"] { members.append(.init("answer", answer)) }
    json = .object(members)
  }

  /// No network, no names of other parameters than their own.
  private static func request(_ request: JSON) -> JSON {
    .object(
      (request.members ?? []).filter { ["method", "route", "contract", "place", "content_type"].contains($0.name) })
  }

  var markdown: String {
    let reason = record["reason"]?.string ?? ""
    var text = ""
    if let known = Code(spelled: code) { text += "[\(code)](/errors/\(known.slug)): \(known.entry.title).\n\n" }
    if let known = Reason(spelled: reason) { text += "Why: [\(reason)](/errors/reasons/\(known.slug)).\n\n" }
    text += "```\n\(json.indented.replacing("```", with: "'''"))\n```\n"
    return text
  }
}

/// A client's refusals, counted by code and route.
struct RefusalTally {
  private struct Line {
    let code: String
    let route: String
    var count: Int64
    var first: String
    var last: String
    var trace: String
    let reason: String
  }

  private let client: ClientID
  private let name: String
  private var lines: [Line] = []
  /// Requests that only named the client: anybody can, so they are counted and not told.
  private var claimed: Int64 = 0

  /// - Parameter records: newest first.
  init(_ client: ClientID, name: String, records: [JSON]) {
    self.client = client
    self.name = name
    for record in records {
      let count = record["count"]?.integer ?? 1
      guard let code = record["code"]?.string, let time = record["time"]?.string else { continue }
      guard record["client_state"]?.string == "proven" else {
        claimed += count
        continue
      }
      let route = (record["request"]?["method"]?.string ?? "") + " " + (record["request"]?["route"]?.string ?? "")
      if let index = lines.firstIndex(where: { $0.code == code && $0.route == route }) {
        lines[index].count += count
        lines[index].first = record["first"]?.string ?? time
      } else {
        lines.append(
          Line(
            code: code, route: route, count: count, first: record["first"]?.string ?? time, last: time,
            trace: record["trace_id"]?.string ?? "", reason: record["reason"]?.string ?? ""))
      }
    }
  }

  var json: JSON {
    [
      "client_id": .string(client.value), "name": .string(name), "claimed_by_others": .integer(claimed),
      "refusals": .array(
        lines.map { line in
          [
            "code": .string(line.code), "route": .string(line.route), "count": .integer(line.count),
            "first": .string(line.first), "last": .string(line.last), "reason": .string(line.reason),
            "trace": .string(line.trace),
            "fix": .string(Code(spelled: line.code).map { "/errors/\($0.slug)" } ?? ""),
          ]
        }),
    ]
  }

  /// To the second, in UTC.
  private static func time(_ text: String) -> String { text.prefix(19).replacing("T", with: " ") + " UTC" }

  var markdown: String {
    var text = "## \(OperatorEndpoint.plain(name))\n\n"
    if lines.isEmpty { text += "Nothing was refused, as far back as records are kept.\n\n" }
    for line in lines {
      let link = Code(spelled: line.code).map { "[\($0.rawValue)](/errors/\($0.slug))" } ?? line.code
      let often = line.count == 1 ? "once" : "\(line.count) times, first \(Self.time(line.first)),"
      text += "- \(link) at \(OperatorEndpoint.plain(line.route)): \(often) last \(Self.time(line.last)). "
      text += "[The newest](/developer/traces/\(line.trace)).\n"
    }
    text += "\n"
    if claimed > 0 {
      text +=
        "Besides, \(claimed) requests named this client and did not prove to be it; what came of them is not yours to see.\n"
    }
    return text
  }
}
