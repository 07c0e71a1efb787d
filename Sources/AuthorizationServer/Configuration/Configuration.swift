public import Catalogue
import Dialects
import Foundation
import HTTPTypes
import OAuth
public import Pages
import Vocabulary

/// The whole configuration, validated when it loads. Without a file the defaults serve the issuer alone.
public struct Configuration: Sendable {
  public var issuer: String?
  public var listen: String?
  public var data: String?
  public var database: String?
  public var trustedProxies: [String] = []
  public var certificate: String?
  public var privateKey: String?
  /// When signing keys rotate by themselves; `nil`: never.
  public var keyRotation: KeyRotationRule? = .standard
  public var apis: [ProtectedAPI] = []
  /// How the pages for people look, and what they say.
  public var style = PageStyle.standard
  /// What can be served and is probably not meant.
  public var warnings: [ConfigurationWarning] = []

  public init() {}

  /// Reads a configuration file; everything unknown, missing or contradictory is refused with its line.
  /// - Parameters:
  ///   - issuer: given elsewhere than in the file, which it beats; default audiences are made of it.
  ///   - readFile: the content of a file that the configuration names, by a path relative to it.
  public static func load(
    yaml: String, file: String, issuer given: String? = nil, readFile: (String) -> [UInt8]?
  ) throws(ConfigurationRefusal) -> Configuration {
    let root = try YAMLReader(yaml: yaml, file: file)
    let entries = try root.mapping([
      "issuer", "listen", "data", "database", "trusted_proxies", "tls", "keys", "pages", "apis",
    ])
    var configuration = Configuration()
    configuration.issuer = try entries["issuer"].map { reader throws(ConfigurationRefusal) in try issuer(reader) }
    configuration.listen = try entries["listen"].map { reader throws(ConfigurationRefusal) in try listen(reader) }
    if let given { configuration.issuer = given }
    let url = configuration.issuer ?? "http://" + (configuration.listen ?? "127.0.0.1:8080")
    configuration.data = try entries["data"]?.text("data")
    configuration.database = try entries["database"]?.text("database")
    for proxy in try entries["trusted_proxies"]?.list() ?? [] {
      let text = try proxy.text("trusted_proxies")
      guard text == "loopback" || Self.isAddress(text) else {
        throw .valueInvalid(
          proxy.location, key: "trusted_proxies", seen: Excerpt(text),
          expected: "an IP address, or loopback; ranges are not read")
      }
      configuration.trustedProxies.append(text)
    }
    if let tls = try entries["tls"]?.mapping(["certificate", "private_key"]) {
      configuration.certificate = try tls["certificate"]?.text("certificate")
      configuration.privateKey = try tls["private_key"]?.text("private_key")
      guard configuration.certificate != nil else { throw .keyMissing(root.location, "certificate") }
      guard configuration.privateKey != nil else { throw .keyMissing(root.location, "private_key") }
    }
    if let keys = entries["keys"] {
      configuration.keyRotation = try KeyRotationRule.load(keys, &configuration.warnings)
    }
    if let pages = entries["pages"] { configuration.style = try PageStyle.load(pages, readFile: readFile) }
    for api in try entries["apis"]?.list() ?? [] {
      let loaded = try ProtectedAPI.load(api, issuer: url, readFile: readFile)
      if configuration.apis.contains(where: { $0.id == loaded.id }) {
        throw .routeConflict(api.location, Excerpt("two APIs are named \(loaded.id)"))
      }
      if let other = configuration.apis.first(where: { $0.audience == loaded.audience }) {
        throw .routeConflict(api.location, Excerpt("\(loaded.id) has the audience of \(other.id)"))
      }
      if let other = configuration.apis.first(where: { $0.overlaps(loaded) }) {
        throw .routeConflict(api.location, Excerpt("\(loaded.id) lies where \(other.id) does; set `host` or `under`"))
      }
      configuration.apis.append(loaded)
      configuration.warnings += try ScopeWords.unused(api, loaded)
    }
    return configuration
  }

  private static func listen(_ reader: YAMLReader) throws(ConfigurationRefusal) -> String {
    let text = try reader.text("listen")
    guard let colon = text.lastIndex(of: ":"), colon > text.startIndex, UInt16(text[text.index(after: colon)...]) != nil
    else {
      throw .valueInvalid(
        reader.location, key: "listen", seen: Excerpt(text), expected: "HOST:PORT, as 127.0.0.1:8080")
    }
    return text
  }

  private static func isAddress(_ text: String) -> Bool {
    var v4 = in_addr()
    var v6 = in6_addr()
    return inet_pton(AF_INET, text, &v4) == 1 || inet_pton(AF_INET6, text, &v6) == 1
  }

  private static func issuer(_ reader: YAMLReader) throws(ConfigurationRefusal) -> String {
    let text = try reader.text("issuer")
    guard text.hasPrefix("http://") || text.hasPrefix("https://"), !text.contains("?"), !text.contains("#"),
      !text.hasSuffix("/")
    else {
      throw .valueInvalid(
        reader.location, key: "issuer", seen: Excerpt(text),
        expected: "a URL without query, fragment and trailing slash (RFC 8414, 2)")
    }
    return text
  }
}

extension ProtectedAPI {
  static func load(
    _ reader: YAMLReader, issuer: String, readFile: (String) -> [UInt8]?
  ) throws(ConfigurationRefusal) -> ProtectedAPI {
    let entries = try reader.mapping([
      "name", "contract", "host", "prefix", "under", "audience", "upstream", "timeout", "routes", "resources", "scopes",
    ])
    func required(_ key: String) throws(ConfigurationRefusal) -> String {
      guard let value = entries[key] else { throw .keyMissing(reader.location, Excerpt(key)) }
      return try value.text(key)
    }
    let name = try required("name")
    let prefix = try entries["prefix"]?.text("prefix").split(separator: "/").map(String.init) ?? []
    var under: [String] = []
    for item in try entries["under"]?.list() ?? [] { under.append(try item.text("under")) }
    var routes: [Route] = []
    for route in try entries["routes"]?.list() ?? [] {
      let loaded = try Route.load(route)
      if routes.contains(where: { $0.segments == loaded.segments && !Set($0.methods).isDisjoint(with: loaded.methods) })
      {
        throw .routeConflict(route.location, Excerpt("\(loaded.template) stands there twice for the same method"))
      }
      routes.append(loaded)
    }
    let upstream = try required("upstream")
    guard upstream.hasPrefix("http://") || upstream.hasPrefix("https://"), !upstream.hasSuffix("/") else {
      throw .valueInvalid(
        entries["upstream"]?.location ?? reader.location, key: "upstream", seen: Excerpt(upstream),
        expected: "http://host:port without a trailing slash")
    }
    guard !name.isEmpty, name.utf8.allSatisfy(isNameCharacter) else {
      throw .valueInvalid(
        reader.location, key: "name", seen: Excerpt(name), expected: "letters, digits, dots, hyphens and underscores")
    }
    if prefix.isEmpty, entries["host"] == nil { throw .keyMissing(reader.location, "prefix") }
    if entries["host"] == nil, let first = prefix.first, reserved.contains(first) {
      throw .valueInvalid(
        reader.location, key: "prefix", seen: Excerpt(first),
        expected: "another first part; this one is the server's own")
    }
    let host = try entries["host"]?.text("host")
    if let host, host != host.lowercased() || host.contains(":") || host.contains("/") {
      throw .valueInvalid(
        entries["host"]?.location ?? reader.location, key: "host", seen: Excerpt(host),
        expected: "a host name in lower case, without a port")
    }
    let resources = try ResourceRule.load(entries["resources"])
    try resources?.check(against: routes)
    return ProtectedAPI(
      id: APIID(name), contract: try contract(entries["contract"], readFile), host: host,
      prefix: prefix, under: under,
      audience: Audience(try entries["audience"]?.text("audience") ?? defaultAudience(issuer, host, prefix, under)),
      routes: routes, upstream: upstream,
      timeout: try timeout(entries["timeout"]), resources: resources,
      scopeWords: try ScopeWords.load(entries["scopes"]), origin: reader.location)
  }

  /// Below the issuer, or at the API's own host; two APIs below one prefix differ in the first segment that is theirs.
  private static func defaultAudience(_ issuer: String, _ host: String?, _ prefix: [String], _ under: [String])
    -> String
  {
    let base = host.map { issuer.prefix { $0 != ":" } + "://" + $0 } ?? issuer
    return ([base] + prefix + under.prefix(1)).joined(separator: "/")
  }

  /// First segments that are this server's own.
  private static let reserved: Set<String> = [
    "oauth", ".well-known", "errors", "help", "health", "metrics", "verify", "llms.txt", "login", "consent", "account",
    "assets", "device", "console", "admin", "developer",
  ]

  private static func timeout(_ reader: YAMLReader?) throws(ConfigurationRefusal) -> Lifetime {
    guard let reader else { return Lifetime(clamping: 30) }
    let timeout = try reader.lifetime("timeout")
    guard timeout.seconds > 0 else {
      throw .valueInvalid(reader.location, key: "timeout", seen: "0", expected: "at least one second, as 30s")
    }
    return timeout
  }

  private static func isNameCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
    default: false
    }
  }

  private static func contract(
    _ reader: YAMLReader?, _ readFile: (String) -> [UInt8]?
  ) throws(ConfigurationRefusal) -> Contract {
    let name = try reader?.text("contract") ?? "oauth"
    if let bundled = Contract.bundled(name) { return bundled }
    let location = reader?.location ?? SourceLocation(file: name, line: 0)
    guard name.hasSuffix(".yaml") else {
      throw .valueInvalid(
        location, key: "contract", seen: Excerpt(name),
        expected: Excerpt("one of \(Contract.bundledNames.joined(separator: ", ")), or the path of a .yaml file"))
    }
    guard let text = readFile(name) else { throw .unreadable(SourceLocation(file: name, line: 0), "no such file") }
    return try Contract.load(yaml: String(decoding: text, as: UTF8.self), file: name)
  }
}
