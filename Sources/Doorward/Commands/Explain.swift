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
      """)

  @OptionGroup var options: DataOptions
  @Option(help: "text, markdown, json, html or man; a trace is told as text or json.") var format: String?
  @Argument(help: "A CODE, reason, topic or TRACE.") var subject: String
  @Argument(help: "The rest of a topic's name: errors UNAUTHORIZED.") var rest: [String] = []

  func run() async throws {
    let format = options.json ? "json" : format ?? "text"
    guard ["text", "markdown", "json", "html", "man"].contains(format) else {
      throw Ending.usage("unknown --format \"\(format)\" (want: text, markdown, json, html, man)")
    }
    let name = ([subject] + rest).joined(separator: ".")
    if let trace = TraceID(name) { return try explain(trace, format) }
    let contracts = Contract.bundledNames.compactMap { Contract.bundled($0) }
    let topics = contracts.flatMap { $0.documentation.topics.compactMap { try? Topic(parsing: $0.markdown) } }
    let tree = TopicTree(TopicTree.catalogue.all + topics)
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

  private func show(_ topic: Topic, _ tree: TopicTree, _ format: String) {
    switch format {
    case "json": print(topic.descriptor(children: tree.children(of: topic.name)).indented)
    case "markdown": print(topic.markdown(wire: "See the page for examples of every contract."), terminator: "")
    case "man": print(topic.man, terminator: "")
    case "html": print(topic.html(wire: "") { _ in nil }, terminator: "")
    default: print(topic.text(width: 80), terminator: "")
    }
  }

  private func explain(_ trace: TraceID, _ format: String) throws {
    guard format == "text" || format == "json" else {
      throw Ending.usage("a trace is told as text or json, not as \(format)")
    }
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
    guard let found, let record = try? JSON(parsing: found) else {
      throw Ending.refused(
        DocumentationRefusal.traceUnknown.explanation.sentence
          + " Check --data: it names the folder of the server that refused")
    }
    if format == "json" { return print(record.indented) }
    print(TraceReport(record, asked: trace).text)
  }
}
