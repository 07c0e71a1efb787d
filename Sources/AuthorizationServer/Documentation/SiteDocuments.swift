public import Catalogue
import Dialects
import Pages
import StrictJSON
import Vocabulary

/// What is no page of a code or reason: topics, the contracts' own documents, and the lists of everything.
extension DocumentationSite {
  static let wholeAddresses = [
    "/errors.json", "/errors/schema.json", "/errors/openapi.json", "/llms.txt", "/errors/llms.txt",
    "/errors/llms-full.txt",
  ]

  /// `/errors.json` and its like, for whoever has no server.
  public func document(at address: String) -> [UInt8]? { whole(address)?.bytes }

  /// A topic as a page of the manual.
  public func manualPage(_ topic: Topic) -> String { filled(topic).man(release: "Doorward \(version)") }

  /// A document that contains everything; `nil` for any other address.
  func whole(_ address: String) -> (bytes: [UInt8], mediaType: String)? {
    let index = MachineIndex(site: self, base: base)
    return switch address {
    case "/errors.json": (document("errors.json") { $0.catalogue() }, "application/json")
    case "/errors/schema.json": (document("schema.json") { CatalogueDocument($0).schema() }, "application/json")
    case "/errors/openapi.json": (document("openapi.json") { OpenAPIDocument(site: $0).json }, "application/json")
    case "/llms.txt": (text("llms.txt") { _ in index.all }, "text/plain; charset=utf-8")
    case "/errors/llms.txt": (text("errors/llms.txt") { _ in index.errors }, "text/plain; charset=utf-8")
    case "/errors/llms-full.txt": (text("llms-full.txt") { _ in index.full }, "text/plain; charset=utf-8")
    case _: nil
    }
  }

  /// The pages of all contracts; where two know one address, the first.
  var vendorPages: [(path: String, page: DocumentationRule.Document)] {
    var known: Set<String> = []
    return contracts.flatMap(\.documentation.pages).compactMap { page in
      let path = page.path.hasSuffix("/index") ? String(page.path.dropLast(6)) : page.path
      return known.insert(path).inserted ? (path, page) : nil
    }
  }

  func vendorFile(_ address: String, _ format: PageFormat) -> SiteFile? {
    let wanted = address.hasSuffix("/index") ? String(address.dropLast(6)) : address
    guard let (path, page) = vendorPages.first(where: { $0.path == wanted }) else { return nil }
    switch format {
    case .html: return self.page(page.title, page.markdown, path: path, trail: [], forms: [.markdown])
    case .markdown: return SiteFile(path, .markdown, page.markdown)
    case .json, .text, .man: return nil
    }
  }

  /// The list of topics; as JSON the whole tree.
  func helpIndex(_ format: PageFormat) -> SiteFile {
    let groups: [(String, (Topic) -> Bool)] = [
      ("TOPICS", { $0.path.count == 1 }), ("CONTRACTS", { $0.path.first == "contracts" && $0.path.count > 1 }),
      ("COMMANDS", { $0.path.first == "commands" && $0.path.count > 1 }),
      ("CODES", { $0.path.first == "errors" && $0.path.count > 1 }),
      ("REASONS", { $0.path.first == "reasons" && $0.path.count > 1 }),
    ]
    let sections = groups.map { title, belongs in
      "## \(title)\n\n"
        + topics.all.filter(belongs).map { topic in
          "- [\(topic.name)](\(base)\(path(of: topic.name) ?? "/help")): \(topic.title)\n"
        }.joined()
    }
    let topic = Topic(
      name: "help", title: "Topics — what this server documents", stability: "stable", seeAlso: [],
      body: "# help\n\n## NAME\n\nhelp — what this server documents.\n\n" + sections.joined(separator: "\n"))
    switch format {
    case .html: return page(topic.title, topic.body, path: "/help", trail: [], forms: [.markdown, .json, .text])
    case .json: return SiteFile("/help", .json, bytes: document("help.json") { $0.topics.json(version: $0.version) })
    case .markdown: return SiteFile("/help", .markdown, topic.body)
    case .text: return SiteFile("/help", .text, topic.text(width: 80))
    case .man: return SiteFile("/help", .man, topic.man(release: "Doorward \(version)"))
    }
  }

  /// A topic at its address below `/help`; as JSON without what this server alone could tell.
  func helpFile(_ topic: Topic, _ format: PageFormat) -> SiteFile {
    guard format == .json else { return file(topic, format) }
    let tree = topics[topic.name] == nil ? contractTopics : topics
    return SiteFile("/help/" + topic.name, .json, topic.descriptor(children: tree.children(of: topic.name)).text)
  }
}
