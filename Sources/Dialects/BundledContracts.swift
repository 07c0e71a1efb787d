extension Contract {
  /// The contracts in the binary. An operator can copy one, change it, and name the file in the configuration.
  public static let bundledNames = ["oauth", "problem", "smartcar-v3", "smartcar-v2", "shaid", "kordiam", "cyoda"]

  public static func bundled(_ name: String) -> Contract? { loaded[name] }

  public static func bundledSource(_ name: String) -> String? { EmbeddedTexts.all[name + ".yaml"] }

  /// Loaded once; that every one of them loads is proved by a test.
  private static let loaded: [String: Contract] = {
    var contracts: [String: Contract] = [:]
    for name in bundledNames where name != "oauth" {
      contracts[name] = bundledSource(name).flatMap { try? Contract.load(yaml: $0, file: name + ".yaml") }
    }
    contracts["oauth"] = oauth
    return contracts
  }()

  /// Apart, because others borrow its words.
  static let oauth: Contract? = bundledSource("oauth").flatMap { try? Contract.load(yaml: $0, file: "oauth.yaml") }
}

extension DocumentationRule {
  /// Pages and topics that come with a bundled contract, by path below the API's mount.
  static func embedded(_ name: String) -> DocumentationRule {
    func documents(_ folder: String) -> [Document] {
      let prefix = "\(name)/\(folder)/"
      return EmbeddedTexts.all.filter { $0.key.hasPrefix(prefix) && $0.key.hasSuffix(".md") }
        .map { Document(path: "/" + $0.key.dropFirst(prefix.count).dropLast(3), markdown: $0.value) }
        .sorted { $0.path < $1.path }
    }
    return DocumentationRule(pages: documents("pages"), topics: documents("topics"))
  }
}
