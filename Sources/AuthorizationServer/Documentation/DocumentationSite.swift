public import Catalogue
public import Dialects
import JOSE
import OAuth
public import Pages
import StrictJSON
import Synchronization
import Vocabulary

/// The documentation as a whole: which pages there are, and each in every form. It reads nothing but the binary, so that
/// it is there while the store is not. The server and the export to files both ask it.
public final class DocumentationSite: Sendable {
  /// The issuer identifier, without a trailing slash.
  public let url: String
  /// Those this server uses, an operator's own among them, then the other bundled ones.
  public let contracts: [Contract]
  public let apis: [ProtectedAPI]
  public var topics: TopicTree { madeTopics() }
  /// Those of commands take longer to be made than all else that a server does before it answers.
  private let madeTopics: @Sendable () -> TopicTree
  public let version: String
  let style: PageStyle
  /// Before each address on this server: the path of the issuer identifier.
  let base: String
  /// The topics that the contracts' callers know, where ours has no such name.
  let contractTopics: TopicTree
  /// The few documents that contain everything, made once.
  private let whole = Mutex<[String: [UInt8]]>([:])

  public init(
    url: String, contracts: [Contract], apis: [ProtectedAPI],
    topics: @autoclosure @escaping @Sendable () -> TopicTree, version: String,
    style: PageStyle = .standard
  ) {
    self.style = style
    self.url = url
    self.apis = apis
    madeTopics = topics
    self.version = version
    let path = url.split(separator: "/", omittingEmptySubsequences: true).dropFirst(2)
    base = path.isEmpty ? "" : "/" + path.joined(separator: "/")
    var names: Set<String> = []
    let all = contracts + apis.map(\.contract) + Contract.bundledNames.compactMap { Contract.bundled($0) }
    self.contracts = all.filter { names.insert($0.name).inserted }
    contractTopics = TopicTree(
      self.contracts.flatMap { $0.documentation.topics.compactMap { try? Topic(parsing: $0.markdown) } })
  }

  /// Ours, and the topics of the contracts in the binary.
  public static let standardTopics = TopicTree(
    TopicTree.catalogue.all + ContractTopics.all(Contract.bundledNames.compactMap { Contract.bundled($0) }))

  /// The address of a topic's page, below the issuer.
  public func path(of topic: String) -> String? {
    if topic == "errors" { return "/errors" }
    if topic == "reasons" { return "/errors/reasons" }
    if topic.hasPrefix("errors."), let code = Code(rawValue: String(topic.dropFirst(7))) {
      return "/errors/" + code.slug
    }
    if topic.hasPrefix("reasons."), let reason = Reason(spelled: topic.dropFirst(8)) {
      return "/errors/reasons/" + reason.slug
    }
    return self.topic(topic) == nil ? nil : "/help/" + topic
  }

  public func topic(_ name: String) -> Topic? { topics[name] ?? contractTopics[name] }

  /// A topic with its generated parts in place.
  public func filled(_ topic: Topic) -> Topic {
    switch topic.name {
    case "errors": topic.filled([("{index}", CatalogueIndex.list(Code.allCases, base: base))])
    case "reasons": topic.filled([("{reasons}", CatalogueIndex.reasons(base: base))])
    case _ where topic.name.hasPrefix("errors."): topic.filled([("{wire}", WireExamples.text(for: topic, site: self))])
    case _: topic
    }
  }

  /// One page in one form.
  func file(_ topic: Topic, _ format: PageFormat, filter: CatalogueFilter = CatalogueFilter()) -> SiteFile {
    let path = path(of: topic.name) ?? "/help/" + topic.name
    if topic.name == "errors" { return index(topic, format, filter) }
    let topic = filled(topic)
    return switch format {
    case .html: page(topic.title, topic.body, path: path, trail: trail(of: topic.name))
    case .markdown: SiteFile(path, format, topic.body)
    case .json: SiteFile(path, format, descriptor(topic).text)
    case .text: SiteFile(path, format, topic.text(width: 80))
    case .man: SiteFile(path, format, topic.man(release: "Doorward \(version)"))
    }
  }

  /// The list of codes, or of those that a filter lets through.
  private func index(_ topic: Topic, _ format: PageFormat, _ filter: CatalogueFilter) -> SiteFile {
    let codes = Code.allCases.filter(filter.lets)
    // Every code stands in the list already.
    let isLine = { (line: Substring) in !line.hasPrefix("- errors.") }
    let body = topic.body.split(separator: "\n", omittingEmptySubsequences: false).filter(isLine)
    let filled = Topic(
      name: topic.name, title: topic.title, stability: topic.stability, seeAlso: ["reasons"],
      body: body.joined(separator: "\n")
    ).filled([("{index}", CatalogueIndex.list(codes, base: base))])
    switch format {
    case .html:
      let facets = "## FILTER\n\n" + CatalogueIndex.facets(filter, base: base) + "\n\n"
      let body = filled.body.replacing("## ERROR CODE INDEX", with: facets + "## ERROR CODE INDEX", maxReplacements: 1)
      return page(topic.title, body, path: "/errors", trail: [], search: filter)
    case .markdown: return SiteFile("/errors", format, filled.body)
    case .json:
      if filter.isEmpty { return SiteFile("/errors", format, bytes: document("errors.json") { $0.catalogue() }) }
      return SiteFile("/errors", format, bytes: CatalogueDocument(self).json(codes: codes).bytes)
    case .text: return SiteFile("/errors", format, filled.text(width: 80))
    case .man: return SiteFile("/errors", format, filled.man(release: "Doorward \(version)"))
    }
  }

  /// The topic's descriptor; of a code its entry in the catalogue as well.
  func descriptor(_ topic: Topic) -> JSON {
    let descriptor = topic.descriptor(children: topics.children(of: topic.name))
    guard let members = descriptor.members, let code = Code(rawValue: String(topic.name.dropFirst(7))),
      topic.name.hasPrefix("errors.")
    else { return descriptor }
    return .object(members + [.init("entry", CatalogueDocument(self).entry(code))])
  }

  /// A document that contains everything; made once, since anybody may ask for it.
  func document(_ name: String, _ make: (DocumentationSite) -> JSON) -> [UInt8] {
    if let made = whole.withLock({ $0[name] }) { return made }
    let bytes = make(self).bytes
    whole.withLock { $0[name] = bytes }
    return bytes
  }

  func text(_ name: String, _ make: (DocumentationSite) -> String) -> [UInt8] {
    if let made = whole.withLock({ $0[name] }) { return made }
    let bytes = Array(make(self).utf8)
    whole.withLock { $0[name] = bytes }
    return bytes
  }

  func catalogue() -> JSON { CatalogueDocument(self).json(codes: Code.allCases) }

  private func trail(of topic: String) -> [DocumentationPage.Link] {
    let links: [(label: String, path: String)] =
      switch topic.split(separator: ".").first {
      case "errors": [("Errors", "/errors")]
      case "reasons" where topic == "reasons": [("Errors", "/errors")]
      case "reasons": [("Errors", "/errors"), ("Reasons", "/errors/reasons")]
      case _: [("Topics", "/help")]
      }
    return links.compactMap { link in Address(base + link.path).map { .init(link.label, $0) } }
  }

  /// A page for a browser, with its other forms at its end.
  func page(
    _ title: String, _ markdown: String, path: String, trail: [DocumentationPage.Link],
    forms: [PageFormat] = [.markdown, .json, .text, .man], search: CatalogueFilter? = nil
  ) -> SiteFile {
    let others = forms.map { "[\(Self.label($0))](" + base + path + $0.suffix + ")" }.joined(separator: " · ")
    let text = markdown + (forms.isEmpty ? "" : "\n\n**This page as** \(others)\n")
    let content = MarkdownPage(title: title, markdown: text) { self.path(of: $0).map { self.base + $0 } }.content
    let document = DocumentationPage(
      title: title, trail: trail,
      search: search.flatMap { filter in
        Address(base + "/errors").map { .init(action: $0, text: filter.text, kept: filter.fields) }
      }, body: .unescapedFromTrustedRenderer(content)
    ).document(style, .english)
    return SiteFile(path, document: document)
  }

  private static func label(_ format: PageFormat) -> String {
    switch format {
    case .html: "HTML"
    case .markdown: "Markdown"
    case .json: "JSON"
    case .text: "text"
    case .man: "manual page"
    }
  }
}
