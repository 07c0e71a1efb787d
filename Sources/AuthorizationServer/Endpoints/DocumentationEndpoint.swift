import Catalogue
import HTTPTypes
import OAuth
import Pages
import StrictJSON
import Vocabulary

/// `/errors`, its pages, `/llms.txt`, the addresses that contracts know, and the topics below `/help`: public, without
/// the store, from the texts in the binary.
struct DocumentationEndpoint {
  let issuer: Issuer
  private var site: DocumentationSite { issuer.site }

  /// - Parameter path: from the issuer on: `["errors", "access-token-expired.md"]`.
  func page(_ request: IncomingRequest, path: [String]) throws(Refusal) -> OutgoingAnswer {
    if path != ["errors.json"], let file = whole(path) { return answer(file, request) }
    if path.first == "docs" { return try vendor(request, path) }
    let (name, suffix) = Self.split(path.last ?? "")
    guard let topic = topic(path.dropLast(), name) else {
      throw .documentation(
        .topicUnknown(
          Excerpt(name), nearest: issuer.topics.nearest(to: "errors." + name.uppercased()).map { Excerpt($0) }))
    }
    let canonical = site.path(of: topic.name) ?? "/errors"
    let written = "/" + (path.dropLast() + [name]).joined(separator: "/")
    if written != canonical { return moved(to: canonical + (suffix?.suffix ?? ""), request) }
    let format = suffix ?? accept(request).preferred(among: PageFormat.allCases) ?? .html
    let file = site.file(topic, format, filter: CatalogueFilter(topic.name == "errors" ? request.target.form : nil))
    return answer(file, request, forms: PageFormat.allCases)
  }

  /// The documents that contain everything.
  private func whole(_ path: [String]) -> SiteFile? {
    let address = "/" + path.joined(separator: "/")
    return site.whole(address).map { SiteFile(address, .text, bytes: $0.bytes, mediaType: $0.mediaType) }
  }

  private func topic(_ above: ArraySlice<String>, _ name: String) -> Topic? {
    switch Array(above) {
    case [] where name == "errors": issuer.topics["errors"]
    case []: Code(spelled: name)?.topic
    case ["errors"] where name.isEmpty || name == "errors": issuer.topics["errors"]
    case ["errors"] where name == "reasons": issuer.topics["reasons"]
    case ["errors"]: Code(spelled: name)?.topic ?? Reason(spelled: name)?.topic
    case ["errors", "reasons"] where name.isEmpty: issuer.topics["reasons"]
    case ["errors", "reasons"]:
      Reason(spelled: name.hasPrefix("reasons.") ? String(name.dropFirst(8)) : name)?.topic
    case _: nil
    }
  }

  /// The addresses under which a contract's own documents are known: `/docs/errors/unauthorized`. Codes of ours are
  /// found there too.
  private func vendor(_ request: IncomingRequest, _ path: [String]) throws(Refusal) -> OutgoingAnswer {
    let address = "/" + path.filter { !$0.isEmpty }.joined(separator: "/")
    let (bare, suffix) = Self.split(address)
    let forms: [PageFormat] = [.html, .markdown]
    if let file = site.vendorFile(bare, suffix ?? accept(request).preferred(among: forms) ?? .html) {
      return answer(file, request, forms: forms)
    }
    let name = bare.split(separator: "/").last.map(String.init) ?? ""
    if bare.hasPrefix("/docs/errors/"), let code = Code(spelled: name) {
      return moved(to: "/errors/" + code.slug + (suffix?.suffix ?? ""), request)
    }
    throw .documentation(.topicUnknown(Excerpt(name), nearest: []))
  }

  /// Another spelling of a page's address leads to the one that is written everywhere.
  private func moved(to path: String, _ request: IncomingRequest) -> OutgoingAnswer {
    let query = request.target.query.map { "?" + $0 } ?? ""
    return OutgoingAnswer(
      status: 301, headers: [("Location", site.base + path + query), ("Cache-Control", "public, max-age=300")])
  }

  /// A file with its validator and its other forms, or word that the caller has it already (RFC 9110 §15.4.5).
  func answer(_ file: SiteFile, _ request: IncomingRequest, forms: [PageFormat] = []) -> OutgoingAnswer {
    let others = forms.filter { $0 != file.format && $0 != .html }.map {
      "<\(site.base)\(file.path)\($0.suffix)>; rel=\"alternate\"; type=\"\($0.mediaType)\""
    }
    let links =
      (forms.isEmpty ? [] : ["<\(site.url)\(file.path)>; rel=\"canonical\""]) + others + [
        "<\(site.base)/errors/llms.txt>; rel=\"describedby\"; type=\"text/plain\""
      ]
    let common = [("ETag", file.tag), ("Vary", "Accept"), ("Link", links.joined(separator: ", "))]
    if file.isKnown(to: request.values(.ifNoneMatch)) {
      let kept = file.headers.filter { $0.name == "Cache-Control" }
      return OutgoingAnswer(status: 304, headers: kept + common)
    }
    return OutgoingAnswer(status: 200, headers: file.headers + common, body: file.body)
  }

  static func split(_ name: String) -> (String, PageFormat?) {
    for format in PageFormat.allCases where name.hasSuffix(format.suffix) {
      return (String(name.dropLast(format.suffix.count)), format)
    }
    return (name, nil)
  }

  private func accept(_ request: IncomingRequest) -> AcceptHeader {
    AcceptHeader(request.values(.accept).joined(separator: ","))
  }

  /// `/help` and `/help/{topic}`, in the form of the topic documents: JSON, unless something else is named.
  /// - Parameter topics: a contract's own topics; `nil` for this server's.
  func help(_ request: IncomingRequest, path: [String], topics: TopicTree? = nil) throws(Refusal) -> OutgoingAnswer {
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
    var answer = try topicAnswer(request, path, topics)
    answer.headers += cors
    return answer
  }

  /// `/help.md` and its like.
  func helpIndex(_ request: IncomingRequest, _ name: String) throws(Refusal) -> OutgoingAnswer {
    let (bare, suffix) = Self.split(name)
    guard bare == "help", let suffix else { throw unknown(name, issuer.topics) }
    return answer(site.helpIndex(suffix), request, forms: [.json, .html, .markdown, .text])
  }

  private func topicAnswer(_ request: IncomingRequest, _ path: [String], _ foreign: TopicTree?) throws(Refusal)
    -> OutgoingAnswer
  {
    let forms: [PageFormat] = [.json, .html, .markdown, .text]
    let wanted = foreign == nil ? accept(request).preferred(among: forms) ?? .json : .json
    if path.isEmpty || path == [""] {
      if let foreign { return answer(SiteFile("/help", .json, foreign.json(version: issuer.version).text), request) }
      return answer(site.helpIndex(wanted), request, forms: forms)
    }
    let name: String
    do throws(DocumentationRefusal) { name = try TopicTree.normalise(path.joined(separator: "/")) } catch {
      throw .documentation(error)
    }
    if let foreign {
      guard let topic = foreign[name] else { throw unknown(name, foreign) }
      let descriptor = topic.descriptor(children: foreign.children(of: name))
      return answer(SiteFile("/help/" + name, .json, descriptor.text), request)
    }
    if let topic = site.topic(name) { return answer(site.helpFile(topic, wanted), request, forms: forms) }
    let (bare, suffix) = Self.split(name)
    guard let suffix, let topic = site.topic(bare) else { throw unknown(name, issuer.topics) }
    return answer(site.helpFile(topic, suffix), request, forms: forms)
  }

  private func unknown(_ name: String, _ topics: TopicTree) -> Refusal {
    .documentation(.topicUnknown(Excerpt(name), nearest: topics.nearest(to: name).map { Excerpt($0) }))
  }
}
