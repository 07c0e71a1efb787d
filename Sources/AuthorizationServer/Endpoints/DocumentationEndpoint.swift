import Catalogue
import HTTPTypes
import OAuth
import Pages
import StrictJSON
import Vocabulary

/// `/errors`, its pages, and the topics below `/help`: public, without the store, from the texts in the binary.
struct DocumentationEndpoint {
  let issuer: Issuer

  func page(_ request: IncomingRequest, path: [String]) throws(Refusal) -> OutgoingAnswer {
    let last = path.last ?? ""
    let (name, format) = Self.split(last)
    guard let topic = topic(path.dropLast(), name) else {
      throw .documentation(
        .topicUnknown(
          Excerpt(name), nearest: issuer.topics.nearest(to: "errors." + name.uppercased()).map { Excerpt($0) }))
    }
    return answer(topic, format ?? preferred(request))
  }

  private func topic(_ above: ArraySlice<String>, _ name: String) -> Topic? {
    if above == ["reasons"] { return Reason(spelled: name)?.topic }
    guard above.isEmpty else { return nil }
    if name == "errors" || name.isEmpty { return issuer.topics["errors"] }
    return Code(spelled: name)?.topic ?? (Reason(spelled: name)?.topic)
  }

  func answer(_ topic: Topic, _ format: PageFormat) -> OutgoingAnswer {
    let wire = WireExamples.text(for: topic, issuer: issuer)
    var answer: OutgoingAnswer
    switch format {
    case .html:
      answer = .page(
        MarkdownPage(title: topic.title, markdown: topic.markdown(wire: wire)) { link($0) }, title: topic.title,
        trail: topic.name == "errors" ? [] : [.init("Errors", "/errors")])
    case .markdown: answer = Self.text(topic.markdown(wire: wire), "text/markdown; charset=utf-8")
    case .json:
      answer = Self.text(
        topic.descriptor(children: issuer.topics.children(of: topic.name)).text, "application/json")
    case .text: answer = Self.text(topic.text(width: 80), "text/plain; charset=utf-8")
    case .man: answer = Self.text(topic.man, "text/troff; charset=utf-8")
    }
    answer.headers.append(("Vary", "Accept"))
    return answer
  }

  private static func text(_ text: String, _ type: String) -> OutgoingAnswer {
    OutgoingAnswer(
      status: 200,
      headers: [
        ("Content-Type", type), ("Cache-Control", "public, max-age=300"), ("X-Content-Type-Options", "nosniff"),
      ], body: Array(text.utf8))
  }

  private func link(_ topic: String) -> String? {
    if topic.hasPrefix("errors."), let code = Code(spelled: topic) { return "/errors/" + code.slug }
    if topic.hasPrefix("reasons."), let reason = Reason(spelled: topic.dropFirst(8)) {
      return "/errors/reasons/" + reason.slug
    }
    return issuer.topics[topic] == nil ? nil : "/help/" + topic
  }

  static func split(_ name: String) -> (String, PageFormat?) {
    for (suffix, format) in [
      (".md", PageFormat.markdown), (".json", .json), (".txt", .text), (".html", .html), (".7", .man),
    ]
    where name.hasSuffix(suffix) {
      return (String(name.dropLast(suffix.count)), format)
    }
    return (name, nil)
  }

  /// A suffix beats `Accept`; people who open the address get HTML (RFC 9457 §4).
  private func preferred(_ request: IncomingRequest) -> PageFormat {
    let accept = request.headers[.accept]?.lowercased() ?? ""
    if accept.contains("text/html") || accept.isEmpty { return .html }
    if accept.contains("text/markdown") { return .markdown }
    if accept.contains("json") { return .json }
    if accept.contains("text/plain") { return .text }
    return .html
  }

  /// `/help` and `/help/{topic}` in the form of the topic documents.
  func help(_ request: IncomingRequest, path: [String], topics: TopicTree) throws(Refusal) -> OutgoingAnswer {
    let cors: [(name: String, value: String)] = [("Access-Control-Allow-Origin", "*")]
    if request.method == "OPTIONS" {
      return OutgoingAnswer(
        status: 204,
        headers: cors + [
          ("Allow", "GET, OPTIONS"), ("Access-Control-Allow-Methods", "GET, OPTIONS"),
          ("Access-Control-Allow-Headers", "Content-Type, Authorization"), ("Access-Control-Max-Age", "86400"),
        ])
    }
    guard request.method == "GET" || request.method == "HEAD" else {
      throw .request(.methodNotAllowed(seen: Excerpt(request.method), allowed: ["GET", "OPTIONS"]))
    }
    if path.isEmpty || path == [""] {
      var answer = OutgoingAnswer.json(topics.json(version: issuer.version).bytes, cached: true)
      answer.headers += cors
      return answer
    }
    let name: String
    do throws(DocumentationRefusal) { name = try TopicTree.normalise(path.joined(separator: "/")) } catch {
      throw .documentation(error)
    }
    guard let topic = topics[name] else {
      throw .documentation(.topicUnknown(Excerpt(name), nearest: topics.nearest(to: name).map { Excerpt($0) }))
    }
    var answer = OutgoingAnswer.json(topic.descriptor(children: topics.children(of: name)).bytes, cached: true)
    answer.headers += cors
    return answer
  }
}
