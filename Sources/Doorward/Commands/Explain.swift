import ArgumentParser
import AuthorizationServer
import Catalogue
import Dialects
import Foundation
import SQLiteStorage
import Storage
import StrictJSON
import Vocabulary

struct Explain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Explain a code, a reason, a topic, or the refusal behind a trace id.",
    discussion: """
      doorward explain REFRESH_TOKEN_REJECTED     what a code means
      doorward explain refresh_token_reused       what a reason means
      doorward explain errors.UNAUTHORIZED        a topic of one of the contracts
      doorward explain 5f0c2b9e4d1a47f6a3b8e2c9d07f1a64 --data DIR     why that request was refused
      doorward explain --response answer.http --data DIR     what that answer means, and why it was given
      """)

  @OptionGroup var options: DataOptions
  @Option(help: "text, markdown, json, html or man; a trace is told as text or json.") var format: String?
  @Option(
    help:
      "A file with an answer: a whole HTTP response, its JSON, a redirect's address, or a WWW-Authenticate value; - for standard input."
  )
  var response: String?
  @Argument(help: "A CODE, reason, topic or TRACE.") var subject: String?
  @Argument(help: "The rest of a topic's name: errors UNAUTHORIZED.") var rest: [String] = []

  func run() async throws {
    let format = options.json ? "json" : format ?? "text"
    guard ["text", "markdown", "json", "html", "man"].contains(format) else {
      throw Ending.usage("unknown --format \"\(format)\" (want: text, markdown, json, html, man)")
    }
    if let response {
      guard subject == nil else { throw Ending.usage("give either --response or something to explain") }
      return try explainResponse(response, format)
    }
    guard let subject else {
      throw Ending.usage("name what to explain: a CODE, a reason, a topic, a TRACE, or --response FILE")
    }
    let name = ([subject] + rest).joined(separator: ".")
    if let trace = TraceID(name) { return try explain(trace, format) }
    let contracts = Contract.bundledNames.compactMap { Contract.bundled($0) }
    let topics = contracts.flatMap { $0.documentation.topics.compactMap { try? Topic(parsing: $0.markdown) } }
    let tree = TopicTree(CommandTopics.allTopics.all + topics)
    // A contract's own topic beats ours when it is named in full, as its documents name it.
    if let topic = TopicTree(topics)[name], TopicTree.catalogue[name] == nil {
      return show(topic, tree, format)
    }
    if let code = Code(spelled: name) { return show(code.topic, tree, format) }
    let bare = name.hasPrefix("reasons.") ? String(name.dropFirst(8)) : name
    if let reason = Reason(spelled: bare) { return show(reason.topic, tree, format) }
    if let topic = tree[name] { return show(topic, tree, format) }
    throw Ending.refused(unknown(name, tree))
  }

  private func unknown(_ name: String, _ tree: TopicTree) -> String {
    let parent = name.split(separator: ".").dropLast().joined(separator: ".")
    if !parent.isEmpty, tree[parent] != nil {
      let available = tree.children(of: parent).map { $0.split(separator: ".").last.map(String.init) ?? $0 }
      return
        "topic \"\(parent)\" has no subtopic \"\(name.dropFirst(parent.count + 1))\". Available: \(available.joined(separator: ", "))"
    }
    let near = (Code.allCases.map(\.rawValue) + Reason.all.map(\.name))
    let guess = Spelling.nearest(to: name, among: near)
    return
      "nothing is known as \(name)\(guess.map { "; perhaps \($0) is meant" } ?? ""). `doorward catalogue list` shows every code and reason"
  }

  private func show(_ bare: Topic, _ tree: TopicTree, _ format: String) {
    let issuer = (try? options.open()).flatMap { ServerProfile($0)?.issuer }
    let topic = (issuer.map { DocumentationSite.offline(issuer: $0) } ?? .offline()).filled(bare)
    switch format {
    case "json": print(topic.descriptor(children: tree.children(of: topic.name)).indented)
    case "markdown": print(topic.markdown(wire: "See the page for examples of every contract."), terminator: "")
    case "man": print(topic.man, terminator: "")
    case "html": print(topic.html(wire: "") { _ in nil }, terminator: "")
    default: print(topic.text(width: 80), terminator: "")
    }
  }

  /// Dialect, code and trace of an answer; and the whole record, where this is the server that gave it.
  private func explainResponse(_ path: String, _ format: String) throws {
    let bytes =
      path == "-" ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: path)
    guard let bytes else {
      throw Ending.refused("there is no file \(Redaction.withoutSecrets(Excerpt(path).description))")
    }
    guard let answer = PastedAnswer(String(decoding: bytes, as: UTF8.self)) else {
      throw Ending.refused(
        "this is no answer that can be read: a whole HTTP response is wanted, its JSON body, a redirect's address with error=, or a WWW-Authenticate value"
      )
    }
    let found = answer.recognised(among: Contract.bundledNames.compactMap { Contract.bundled($0) })
    let record = answer.trace.flatMap { try? self.record($0) }
    if format == "json" {
      print(
        JSON.object([
          .init("contract", found.map { .string($0.contract.name) } ?? .null),
          .init("code", (record?["code"]?.string ?? found?.code.rawValue).map { .string($0) } ?? .null),
          .init("alike", .array((found?.alike ?? []).map { .string($0.rawValue) })),
          .init("trace_id", answer.trace.map { .string($0.description) } ?? .null), .init("record", record ?? .null),
        ]).indented)
      return
    }
    if let trace = answer.trace, let record { return print(TraceReport(record, asked: trace).text) }
    guard let found else {
      let trace = answer.trace.map { " Its trace is \($0): ask the server that gave it." } ?? ""
      throw Ending.refused("no bundled contract words an answer like this." + trace)
    }
    print("CONTRACT  \(found.contract.name)\nCODE      \(found.code.rawValue)")
    if !found.alike.isEmpty {
      print("OR        \(found.alike.map(\.rawValue).joined(separator: ", ")) (worded alike on purpose)")
    }
    if let trace = answer.trace {
      print("TRACE     \(trace) (no record here; ask with --data for the folder of the server that refused)")
    }
    print("")
    show(found.code.topic, TopicTree.catalogue, format)
  }

  private func explain(_ trace: TraceID, _ format: String) throws {
    guard format == "text" || format == "json" else {
      throw Ending.usage("a trace is told as text or json, not as \(format)")
    }
    guard let record = try record(trace) else {
      let ours = try records(ofCaller: trace)
      if !ours.isEmpty {
        return print(format == "json" ? JSON.array(ours).indented : TraceReport.list(ours, ofCaller: trace))
      }
      throw Ending.refused(
        DocumentationRefusal.traceUnknown.explanation.sentence
          + " Check --data: it names the folder of the server that refused")
    }
    if format == "json" { return print(record.indented) }
    print(TraceReport(record, asked: trace).text)
  }

  /// Our refusals in a trace of the caller's, newest first.
  private func records(ofCaller trace: TraceID) throws -> [JSON] {
    let journal = try options.open().openJournal(readOnly: true)
    // A file that an older release writes does not have them.
    return ((try? journal.find(parent: trace.description, limit: 100)) ?? []).compactMap { try? JSON(parsing: $0) }
  }

  private func record(_ trace: TraceID) throws -> JSON? {
    let journal = try options.open().openJournal(readOnly: true)
    var found: [UInt8]?
    do {
      found = try journal.find(trace: trace.description)
      // A server writes its records behind its answers: whoever asks at once waits for the next writing.
      for _ in 0..<12 where found == nil {
        Thread.sleep(forTimeInterval: 0.1)
        found = try journal.find(trace: trace.description)
      }
    } catch { throw Ending.unavailable(describe(error)) }
    return found.flatMap { try? JSON(parsing: $0) }
  }
}
