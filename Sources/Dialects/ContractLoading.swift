public import Catalogue
import StrictJSON
import Vocabulary
import Yams

extension Contract {
  /// Reads a contract file, checked as a whole: what is unknown, missing or contradictory is refused with its line.
  public static func load(yaml: String, file: String) throws(ConfigurationRefusal) -> Contract {
    let root = try YAMLReader(yaml: yaml, file: file)
    let entries = try root.mapping([
      "contract", "title", "credential", "access_token", "refresh_token", "authorization", "token_endpoints",
      "routing", "answers", "refusals",
    ])
    func required(_ key: String) throws(ConfigurationRefusal) -> YAMLReader {
      guard let value = entries[key] else { throw .keyMissing(root.location, Excerpt(key)) }
      return value
    }
    let name = try required("contract").text("contract")
    let endpoints = try entries["token_endpoints"]?.list() ?? []
    var rules: [TokenEndpointRule] = []
    for endpoint in endpoints {
      let rule = try TokenEndpointRule(endpoint)
      let needsRefresh = rule.issuesRefreshToken || rule.grants.contains(.refreshToken)
      if needsRefresh, entries["refresh_token"] == nil { throw .keyMissing(endpoint.location, "refresh_token") }
      guard rule.path.hasPrefix("/") else {
        throw .valueInvalid(
          endpoint.location, key: "path", seen: Excerpt(rule.path), expected: "a path, as /oauth/token")
      }
      rules.append(rule)
    }
    let refusals = try required("refusals").mapping(["api", "token", "authorization"])
    guard let api = refusals["api"] else { throw .keyMissing(try required("refusals").location, "api") }
    let apiWording = try Wording(api, at: .api)
    let tokenWording: Wording
    if let token = refusals["token"] {
      if token.node.string == "same as oauth" {
        guard let oauth = Contract.oauth else { throw .keyMissing(token.location, "token") }
        tokenWording = oauth.token
      } else {
        tokenWording = try Wording(token, at: .token)
      }
    } else if rules.isEmpty {
      tokenWording = apiWording
    } else {
      throw .keyMissing(try required("refusals").location, "token")
    }
    let authorization = try entries["authorization"].map { reader throws(ConfigurationRefusal) in
      try AuthorizationRule(reader)
    }
    let redirectWording = try refusals["authorization"].map { reader throws(ConfigurationRefusal) in
      try Wording(reader, at: .authorization)
    }
    if authorization != nil, redirectWording == nil {
      throw .keyMissing(try required("refusals").location, "authorization")
    }
    return Contract(
      name: name, title: try required("title").text("title"), credential: try CredentialRule(required("credential")),
      accessToken: try AccessTokenRule(required("access_token")),
      refreshToken: try entries["refresh_token"].map { reader throws(ConfigurationRefusal) in
        try RefreshTokenRule(reader)
      },
      authorization: authorization, tokenEndpoints: rules, routing: try RoutingRule(entries["routing"]),
      answers: try AnswerRule(entries["answers"]),
      documentation: .embedded(name), api: apiWording, token: tokenWording, redirect: redirectWording)
  }
}

extension CredentialRule {
  init(_ reader: YAMLReader) throws(ConfigurationRefusal) {
    let entries = try reader.mapping([
      "schemes", "exact_scheme", "bare_token", "query_parameter", "empty_header_is_absent",
    ])
    var schemes: [String] = []
    for scheme in try entries["schemes"]?.list() ?? [] { schemes.append(try scheme.text("schemes")) }
    guard !schemes.isEmpty else { throw .keyMissing(reader.location, "schemes") }
    self.init(
      schemes: schemes, exactScheme: try entries["exact_scheme"]?.bool("exact_scheme") ?? false,
      bareToken: try entries["bare_token"]?.bool("bare_token") ?? false,
      queryParameter: try entries["query_parameter"]?.text("query_parameter"),
      emptyHeaderIsAbsent: try entries["empty_header_is_absent"]?.bool("empty_header_is_absent") ?? false)
  }
}

extension AccessTokenRule {
  init(_ reader: YAMLReader) throws(ConfigurationRefusal) {
    let entries = try reader.mapping(["form", "algorithm", "lifetime"])
    guard let form = entries["form"] else { throw .keyMissing(reader.location, "form") }
    guard let lifetime = entries["lifetime"] else { throw .keyMissing(reader.location, "lifetime") }
    let algorithm = try entries["algorithm"]?.text("algorithm") ?? "ES256"
    guard ["ES256", "RS256", "EdDSA"].contains(algorithm) else {
      throw .valueInvalid(
        entries["algorithm"]?.location ?? reader.location, key: "algorithm", seen: Excerpt(algorithm),
        expected: "one of ES256, RS256, EdDSA")
    }
    self.init(
      form: try form.choice("form", TokenForm.self), algorithm: algorithm, lifetime: try lifetime.lifetime("lifetime"))
  }
}

extension RefreshTokenRule {
  init(_ reader: YAMLReader) throws(ConfigurationRefusal) {
    let entries = try reader.mapping(["form", "lifetime", "grace", "exact_form", "prefixed"])
    guard let lifetime = entries["lifetime"] else { throw .keyMissing(reader.location, "lifetime") }
    self.init(
      form: try entries["form"]?.choice("form", TokenForm.self) ?? .opaque, lifetime: try lifetime.lifetime("lifetime"),
      grace: try entries["grace"]?.lifetime("grace") ?? Lifetime(clamping: 0),
      exactForm: try entries["exact_form"]?.bool("exact_form") ?? false,
      prefixed: try entries["prefixed"]?.bool("prefixed") ?? true)
  }
}

extension TokenEndpointRule {
  init(_ reader: YAMLReader) throws(ConfigurationRefusal) {
    let entries = try reader.mapping([
      "path", "kind", "bodies", "grants", "issues_refresh_token", "tells_scope", "optional_client",
    ])
    guard let path = entries["path"] else { throw .keyMissing(reader.location, "path") }
    var bodies: [BodyForm] = []
    for body in try entries["bodies"]?.list() ?? [] { bodies.append(try body.choice("bodies", BodyForm.self)) }
    var grants: [GrantType] = []
    for grant in try entries["grants"]?.list() ?? [] { grants.append(try grant.choice("grants", GrantType.self)) }
    self.init(
      path: try path.text("path"), kind: try entries["kind"]?.choice("kind", Kind.self) ?? .token,
      bodies: bodies.isEmpty ? [.form] : bodies, grants: grants,
      issuesRefreshToken: try entries["issues_refresh_token"]?.bool("issues_refresh_token") ?? false,
      tellsScope: try entries["tells_scope"]?.bool("tells_scope") ?? false,
      optionalClient: try entries["optional_client"]?.bool("optional_client") ?? false)
  }
}

extension RoutingRule {
  init(_ reader: YAMLReader?) throws(ConfigurationRefusal) {
    let entries =
      try reader?.mapping(["trailing_slash_ignored", "authenticate_before_routing", "produces", "version"]) ?? [:]
    var produces: [String] = []
    for type in try entries["produces"]?.list() ?? [] { produces.append(try type.text("produces")) }
    self.init(
      trailingSlashIgnored: try entries["trailing_slash_ignored"]?.bool("trailing_slash_ignored") ?? false,
      authenticateBeforeRouting: try entries["authenticate_before_routing"]?.bool("authenticate_before_routing")
        ?? false,
      version: try entries["version"].map { reader throws(ConfigurationRefusal) in try VersionRule(reader) },
      produces: produces)
  }
}

extension VersionRule {
  init(_ reader: YAMLReader) throws(ConfigurationRefusal) {
    let entries = try reader.mapping(["path_prefix", "path_versions", "header", "header_versions"])
    func texts(_ key: String) throws(ConfigurationRefusal) -> [String] {
      guard let list = entries[key] else { throw .keyMissing(reader.location, Excerpt(key)) }
      var texts: [String] = []
      for item in try list.list() { texts.append(try item.text(key)) }
      return texts
    }
    self.init(
      pathPrefix: try entries["path_prefix"]?.text("path_prefix") ?? "/v", pathVersions: try texts("path_versions"),
      headerName: try entries["header"]?.text("header") ?? "API-Version", headerVersions: try texts("header_versions"))
  }
}

extension AnswerRule {
  init(_ reader: YAMLReader?) throws(ConfigurationRefusal) {
    let entries = try reader?.mapping(["trace_header", "trace_form"]) ?? [:]
    self.init(
      traceHeader: try entries["trace_header"]?.text("trace_header"),
      traceHeaderForm: try entries["trace_form"]?.choice("trace_form", TraceForm.self) ?? .hexadecimal)
  }
}
