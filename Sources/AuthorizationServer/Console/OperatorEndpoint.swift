import Catalogue
import HTTPTypes
import OAuth
import Pages
import Storage
import StrictJSON
import Vocabulary

/// `/admin/explain` and `/admin/explain/{trace}`: what `doorward explain` prints, for operators who are signed in.
/// To everybody else there is nothing here. That somebody read a record, looked for one that is not there, or read the
/// list is recorded.
struct OperatorEndpoint {
  let issuer: Issuer

  private static let listed = 50
  private static let listedReadings = 20

  func respond(to request: IncomingRequest, path: [String]) async -> OutgoingAnswer {
    let pages = PageAnswer(issuer, request)
    do throws(Refusal) {
      guard path.first == "explain", path.count <= 2, !(path.count == 2 && path[1].isEmpty) else { throw unknown }
      guard request.method == "GET" || request.method == "HEAD" else {
        throw .request(.methodNotAllowed(seen: Excerpt(request.method), allowed: ["GET", "HEAD"]))
      }
      guard let user = try await Sessions(issuer: issuer).user(pages.cookie), user.isOperator else {
        throw .documentation(.traceUnknown)
      }
      if path.count == 1 { return try list(request, user) }
      return try show(path[1], request, user)
    } catch { return pages.refuse(error) }
  }

  private var unknown: Refusal { .route(.unknown(path: "/admin", nearest: "/admin/explain")) }

  private func show(_ name: String, _ request: IncomingRequest, _ user: User) throws(Refusal) -> OutgoingAnswer {
    let wantsJSON = name.hasSuffix(".json") || request.headers[.accept]?.contains("application/json") == true
    let asked = TraceID(name.hasSuffix(".json") ? name.dropLast(5) : name[...])
    let body = asked.flatMap { try? issuer.journal.sink.find(trace: $0.description) }
    let found = body.flatMap { try? JSON(parsing: $0) }
    issuer.journal.audit(
      reader: user.username, read: asked?.description ?? "(not a trace)", isFound: found != nil, by: request.trace,
      at: Clock.now)
    guard let trace = asked, let record = found else { throw .documentation(.traceUnknown) }
    if wantsJSON { return .json(record.indentedBytes) }
    let code = record["code"]?.string ?? ""
    let reason = record["reason"]?.string ?? ""
    var text = record["sentence"]?.string.map { Self.plain($0) + "\n\n" } ?? ""
    if let known = Code(spelled: code) { text += "[\(known.rawValue)](/errors/\(known.slug))" }
    if let known = Reason(spelled: reason) { text += " · [\(known.name)](/errors/reasons/\(known.slug))" }
    text += "\n\n```\n\(TraceReport(record, asked: trace).text.replacing("```", with: "'''"))\n```\n"
    return .privatePage(
      title: reason.isEmpty ? "A record" : reason, text, issuer.style, trail: [.init("Refusals", "/admin/explain")])
  }

  /// A line for each: whoever wants to read a record opens it, and that is recorded by itself.
  private func list(_ request: IncomingRequest, _ user: User) throws(Refusal) -> OutgoingAnswer {
    var bodies: [[UInt8]]
    var readings: [[UInt8]]
    do throws(StoreFailure) {
      bodies = try issuer.journal.sink.recent(limit: Self.listed, client: nil, grant: nil)
      readings = try issuer.journal.sink.readings(limit: Self.listedReadings)
    } catch { throw Refusal(error) }
    issuer.journal.audit(
      reader: user.username, read: "(the newest refusals)", by: request.trace, at: Clock.now)
    let records = bodies.compactMap { try? JSON(parsing: $0) }
    if request.headers[.accept]?.contains("application/json") == true {
      return .json(JSON.array(records.map(Self.line)).indentedBytes)
    }
    var text = "The \(records.count) newest. To look one up, put its trace after `/admin/explain/`.\n\n"
    for record in records {
      let line = Self.line(record)
      func word(_ name: String) -> String { Self.plain(line[name]?.string ?? "") }
      guard TraceID(word("trace_id")) != nil else { continue }
      text += "- \(Self.time(record)) [\(word("reason"))](/admin/explain/\(word("trace_id"))) at \(word("route"))\n"
    }
    text += "\n## Who looked\n\n"
    for reading in readings.compactMap({ try? JSON(parsing: $0) }) {
      let what = Self.plain(reading["read"]?.string ?? "")
      let result = reading["found"]?.bool == false ? ", which is not there" : ""
      text += "- \(Self.time(reading)) \(Self.plain(reading["by"]?.string ?? "")): \(what)\(result)\n"
    }
    return .privatePage(title: "Refusals", text, issuer.style, trail: [])
  }

  private static func line(_ record: JSON) -> JSON {
    let route = (record["request"]?["method"]?.string ?? "") + " " + (record["request"]?["route"]?.string ?? "")
    let names = ["trace_id", "time", "code", "reason", "count"]
    return .object(names.compactMap { name in record[name].map { .init(name, $0) } } + [.init("route", .string(route))])
  }

  /// To the second, in UTC.
  private static func time(_ record: JSON) -> String {
    (record["time"]?.string?.prefix(19).replacing("T", with: " ") ?? "") + " UTC"
  }

  /// Without what Markdown would take for more than text.
  static func plain(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { "`[]()*<>|\\".unicodeScalars.contains($0) ? "-" : $0 }))
  }
}

extension OutgoingAnswer {
  /// A page for one person, kept by nobody.
  static func privatePage(
    title: String, _ markdown: String, _ style: PageStyle, trail: [DocumentationPage.Link]
  ) -> OutgoingAnswer {
    let page = MarkdownPage(title: title, markdown: markdown)
    let document = DocumentationPage(title: title, trail: trail, body: .unescapedFromTrustedRenderer(page.content))
      .document(style, .english)
    return OutgoingAnswer(status: 200, headers: document.headers(), body: document.bytes)
  }
}

extension JSON {
  var indentedBytes: [UInt8] { Array((indented + "\n").utf8) }
}
