import Catalogue
import OAuth
import StrictJSON
import Vocabulary

/// What the developer of a client may read of a refusal's record. Where its reason is not for them
/// (`Reason.isToldToDevelopers`) they read the code, one sentence and one set of steps, the same in bytes for all such
/// reasons of the code: otherwise whoever holds a token could find out here whose it is, and what became of it.
struct DeveloperView {
  let json: JSON
  let code: String
  /// `nil` where it is not told.
  private let reason: Reason?

  static let untold =
    "More than one cause has this code. Which one it was is not told, since some of them would tell of tokens, clients or people that are not yours. The page of the code names them all."

  /// - Parameters:
  ///   - asked: the trace that was looked up; a merged record is found by each of its traces.
  ///   - clients: those whose developer asks.
  /// - Returns: `nil` for a record that is not about one of these clients, proven by its own credential.
  init?(_ record: JSON, asked: TraceID, develops clients: [ClientID]) {
    guard let client = record["client_id"]?.string, clients.contains(ClientID(client)),
      record["client_state"]?.string == "proven", let code = record["code"]?.string
    else { return nil }
    self.code = code
    reason = Self.reason(toldOf: record)
    json = .object(reason == nil ? Self.common(record, code, asked) : Self.whole(record, develops: clients))
  }

  /// The reason, where a developer may know it; one that a later release wrote is not told.
  static func reason(toldOf record: JSON) -> Reason? {
    guard let reason = Reason(spelled: record["reason"]?.string ?? ""), reason.isToldToDevelopers else { return nil }
    return reason
  }

  private static func whole(_ record: JSON, develops clients: [ClientID]) -> [JSON.Member] {
    var members: [JSON.Member] = []
    for name in [
      "trace_id", "time", "mode", "provoked", "request", "code", "reason", "retry", "client_id", "count", "first",
      "last",
    ] {
      if let value = record[name] { members.append(.init(name, name == "request" ? request(value) : value)) }
    }
    // When their own refresh token was rotated, which they beg to know. They may have sent somebody else's.
    let rotated = record["timeline"]?.array?.last { event in
      event["event"]?.string == "rotated"
        && event["client"]?.string.map { clients.contains(ClientID($0)) } == true
    }
    if let at = rotated?["at"] { members.append(.init("rotated_at", at)) }
    if let steps = record["steps"] { members.append(.init("steps", steps.withoutOperators)) }
    if let answer = record["answer"] { members.append(.init("answer", answer)) }
    return members
  }

  /// Nothing that depends on the reason: neither whether it was merged with others and how many (security events are
  /// sooner), nor whether it was looked at twice. Refusals are merged within one minute, so the time goes so far.
  private static func common(_ record: JSON, _ code: String, _ asked: TraceID) -> [JSON.Member] {
    var members: [JSON.Member] = [
      .init("trace_id", .string(asked.description)),
      .init("time", .string((record["time"]?.string ?? "").prefix(16) + "Z")),
    ]
    for name in ["provoked", "request", "code", "retry", "client_id"] {
      guard let value = record[name] else { continue }
      members.append(.init(name, name == "request" ? request(value, ["method", "route", "contract", "place"]) : value))
    }
    members.append(.init("explanation", .string(untold)))
    members.append(.init("steps", PageSteps("errors." + code).json.withoutOperators))
    if let answer = record["answer"]?.members {
      let own = record["trace_id"]?.string ?? ""
      let kept = answer.filter { $0.name != "body_sha256" }
      members.append(.init("answer", JSON.object(kept).replacing(own, with: asked.description)))
    }
    return members
  }

  /// No network, no names of other parameters than their own.
  private static func request(
    _ request: JSON, _ names: [String] = ["method", "route", "contract", "place", "content_type"]
  ) -> JSON {
    .object((request.members ?? []).filter { names.contains($0.name) })
  }

  var markdown: String {
    var text = ""
    if let known = Code(spelled: code) { text += "[\(code)](/errors/\(known.slug)): \(known.entry.title).\n\n" }
    if let reason {
      text += "Why: [\(reason.name)](/errors/reasons/\(reason.slug)).\n\n"
    } else {
      text += Self.untold + "\n\n"
    }
    text += "```\n\(json.indented.replacing("```", with: "'''"))\n```\n"
    return text
  }
}

extension JSON {
  fileprivate var withoutOperators: JSON { .object((members ?? []).filter { $0.name != "operator" }) }

  /// With another text for one, in every text of it.
  fileprivate func replacing(_ old: String, with new: String) -> JSON {
    switch self {
    case .object(let members): .object(members.map { .init($0.name, $0.value.replacing(old, with: new)) })
    case .array(let values): .array(values.map { $0.replacing(old, with: new) })
    case .string(let text): .string(old.isEmpty ? text : text.replacing(old, with: new))
    case .null, .bool, .number: self
    }
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
  private let claimed: Int64

  /// - Parameters:
  ///   - records: of requests that were proven to be the client's, newest first.
  ///   - claimed: how many only named it.
  init(_ client: ClientID, name: String, records: [JSON], claimed: Int64) {
    self.client = client
    self.claimed = claimed
    self.name = name
    for record in records {
      let count = record["count"]?.integer ?? 1
      guard let code = record["code"]?.string, let time = record["time"]?.string else { continue }
      let route = (record["request"]?["method"]?.string ?? "") + " " + (record["request"]?["route"]?.string ?? "")
      if let index = lines.firstIndex(where: { $0.code == code && $0.route == route }) {
        lines[index].count += count
        lines[index].first = record["first"]?.string ?? time
      } else {
        lines.append(
          Line(
            code: code, route: route, count: count, first: record["first"]?.string ?? time, last: time,
            trace: record["trace_id"]?.string ?? "", reason: DeveloperView.reason(toldOf: record)?.name ?? ""))
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
