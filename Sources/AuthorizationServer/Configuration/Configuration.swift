public import Catalogue
import Dialects
import Foundation
import OAuth
public import Vocabulary

/// The whole configuration, validated when it loads. Without a file the defaults serve the issuer alone.
public struct Configuration: Sendable {
  public var issuer: String?
  public var listen: String?
  public var data: String?
  public var database: String?
  public var trustedProxies: [String] = []
  public var certificate: String?
  public var privateKey: String?
  public var apis: [ProtectedAPI] = []

  public init() {}

  /// Reads a configuration file; everything unknown, missing or contradictory is refused with its line.
  public static func load(yaml: String, file: String, readFile: (String) -> String?) throws(ConfigurationRefusal)
    -> Configuration
  {
    let root = try YAMLReader(yaml: yaml, file: file)
    let entries = try root.mapping(["issuer", "listen", "data", "database", "trusted_proxies", "tls", "apis"])
    var configuration = Configuration()
    configuration.issuer = try entries["issuer"].map { reader throws(ConfigurationRefusal) in try issuer(reader) }
    configuration.listen = try entries["listen"]?.text("listen")
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
    }
    for api in try entries["apis"]?.list() ?? [] {
      let loaded = try ProtectedAPI.load(api, issuer: configuration.issuer ?? "", readFile: readFile)
      if configuration.apis.contains(where: { $0.id == loaded.id }) {
        throw .routeConflict(api.location, Excerpt("two APIs are named \(loaded.id)"))
      }
      if let other = configuration.apis.first(where: { $0.overlaps(loaded) }) {
        throw .routeConflict(api.location, Excerpt("\(loaded.id) lies where \(other.id) does; set `host` or `under`"))
      }
      configuration.apis.append(loaded)
    }
    return configuration
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
        expected: "a URL without query, fragment and trailing slash (RFC 8414 §2)")
    }
    return text
  }
}

extension ProtectedAPI {
  static func load(
    _ reader: YAMLReader, issuer: String, readFile: (String) -> String?
  ) throws(ConfigurationRefusal) -> ProtectedAPI {
    let entries = try reader.mapping([
      "name", "contract", "host", "prefix", "under", "audience", "upstream", "timeout", "routes",
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
    for route in try entries["routes"]?.list() ?? [] { routes.append(try Route.load(route)) }
    let upstream = try required("upstream")
    guard upstream.hasPrefix("http://") || upstream.hasPrefix("https://"), !upstream.hasSuffix("/") else {
      throw .valueInvalid(
        entries["upstream"]?.location ?? reader.location, key: "upstream", seen: Excerpt(upstream),
        expected: "http://host:port without a trailing slash")
    }
    let host = try entries["host"]?.text("host")
    if let host, host != host.lowercased() || host.contains(":") || host.contains("/") {
      throw .valueInvalid(
        entries["host"]?.location ?? reader.location, key: "host", seen: Excerpt(host),
        expected: "a host name in lower case, without a port")
    }
    return ProtectedAPI(
      id: APIID(name), contract: try contract(entries["contract"], readFile), host: host,
      prefix: prefix, under: under,
      audience: Audience(try entries["audience"]?.text("audience") ?? issuer + "/" + prefix.joined(separator: "/")),
      routes: routes, upstream: upstream,
      timeout: try entries["timeout"]?.lifetime("timeout") ?? Lifetime(clamping: 30))
  }

  private static func contract(
    _ reader: YAMLReader?, _ readFile: (String) -> String?
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
    return try Contract.load(yaml: text, file: name)
  }
}

extension Route {
  static func load(_ reader: YAMLReader) throws(ConfigurationRefusal) -> Route {
    let entries = try reader.mapping(["match", "scope", "resource", "access", "require_headers", "uuids"])
    guard let match = entries["match"] else { throw .keyMissing(reader.location, "match") }
    let access = try entries["access"]?.text("access") ?? "token"
    guard let kind = ["token": Access.token, "everyone": .everyone, "client": .client][access] else {
      throw .valueInvalid(
        entries["access"]?.location ?? reader.location, key: "access", seen: Excerpt(access),
        expected: "one of token, everyone, client")
    }
    var headers: [String] = []
    for header in try entries["require_headers"]?.list() ?? [] { headers.append(try header.text("require_headers")) }
    let text = try match.text("match")
    let scope = try entries["scope"]?.text("scope") ?? ""
    guard let scopes = Scopes(parsing: scope) else {
      throw .valueInvalid(
        reader.location, key: "scope", seen: Excerpt(scope), expected: "scope tokens separated by spaces")
    }
    if kind != .token, !scopes.isEmpty || entries["resource"] != nil {
      throw .valueInvalid(
        reader.location, key: "access", seen: Excerpt(access),
        expected: "token: only a token has a scope or a resource")
    }
    guard
      let route = Route(
        text, scopes: scopes, resource: try entries["resource"]?.text("resource"), access: kind, headers: headers)
    else {
      throw .valueInvalid(
        match.location, key: "match", seen: Excerpt(text),
        expected:
          "a method in capitals and a path, as GET /vehicles/{vehicle_id}; ** last only; {name} or {name:uuid}; a resource names a variable of the path"
      )
    }
    return route
  }

  /// From `GET,POST /vehicles/{vehicle_id}/odometer`; a variable written `{id:uuid}` must be a UUID.
  /// - Parameter resource: `vehicle {vehicle_id}`: the type, and the variable that names the thing.
  public init?(
    _ text: String, scopes: Scopes = .none, resource: String? = nil, access: Access = .token, headers: [String] = []
  ) {
    let parts = text.split(separator: " ")
    guard parts.count == 2, parts[1].hasPrefix("/") else { return nil }
    let methods = parts[0].split(separator: ",").map(String.init)
    guard methods.allSatisfy({ $0.utf8.allSatisfy { (0x41...0x5A).contains($0) } }) else { return nil }
    var variables: Set<String> = []
    var segments: [Segment] = []
    var uuids: Set<String> = []
    for part in parts[1].dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      if segments.last == .rest { return nil }
      if part == "**" {
        segments.append(.rest)
      } else if part.hasPrefix("{"), part.hasSuffix("}") {
        let variable = part.dropFirst().dropLast().split(separator: ":")
        guard let name = variable.first, variables.insert(String(name)).inserted else { return nil }
        if variable.count > 1 {
          guard variable.count == 2, variable[1] == "uuid" else { return nil }
          uuids.insert(String(name))
        }
        segments.append(.variable(String(name)))
      } else {
        segments.append(.literal(String(part)))
      }
    }
    var named: (type: String, variable: String)?
    if let resource {
      let words = resource.split(separator: " ")
      guard words.count == 2 else { return nil }
      let variable = String(words[1].filter { $0 != "{" && $0 != "}" })
      guard variables.contains(variable) else { return nil }
      named = (String(words[0]), variable)
    }
    self.init(
      methods: methods, segments: segments, template: String(parts[1]),
      scopes: scopes, resource: named, access: access, requiredHeaders: headers.map(RequiredHeader.init), uuids: uuids)
  }
}
