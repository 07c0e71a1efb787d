public import Catalogue
import Dialects
import HTTPTypes
import OAuth
import Storage
import StrictJSON
import Vocabulary

/// The issuer's own endpoints: path → endpoint. (Junction: one line for each.)
public struct Endpoints: Sendable {
  let issuer: Issuer

  public init(issuer: Issuer) { self.issuer = issuer }

  /// Whether a target is an authorization endpoint, which may lie below an API's mount.
  public func isAuthorization(_ target: RequestTarget) -> Bool { AuthorizationPlace.at(target.path, issuer) != nil }

  public func respond(to request: IncomingRequest) async -> OutgoingAnswer {
    await answer(request).below(issuer.path)
  }

  private func answer(_ request: IncomingRequest) async -> OutgoingAnswer {
    let path = request.target.segments
    if let place = AuthorizationPlace.at(request.target.path, issuer) {
      if let rule = place.reauthentication {
        return await ReauthenticationEndpoint(issuer: issuer, place: place, rule: rule).respond(to: request)
      }
      return await AuthorizationEndpoint(issuer: issuer, place: place).respond(to: request)
    }
    do throws(Refusal) {
      switch path.first ?? "" {
      case "" where path.count <= 1:
        try onlyGet(request)
        return FrontPage.answer(issuer.frontPage, issuer.style)
      case "oauth": return try await oauth(request, path.count == 2 ? path[1] : "")
      case ".well-known": return try wellKnown(request, Array(path.dropFirst()))
      // There is none, and browsers ask for it with every page: no reason to write it into the journal.
      case "favicon.ico" where path.count == 1:
        return OutgoingAnswer(status: 204, headers: [("Cache-Control", "public, max-age=86400")])
      case "login" where path.count == 1 || path == ["login", "switch"]:
        return await SignInForm(issuer: issuer).respond(to: request, path: Array(path.dropFirst()))
      case "consent" where path.count == 1: return await ConsentForm(issuer: issuer).respond(to: request)
      case "account" where path.count == 1: return await AccountEndpoint(issuer: issuer).respond(to: request)
      case "admin": return await OperatorEndpoint(issuer: issuer).respond(to: request, path: Array(path.dropFirst()))
      case "developer":
        return await DeveloperEndpoint(issuer: issuer).respond(to: request, path: Array(path.dropFirst()))
      case "assets" where path.count == 2:
        try onlyGet(request)
        guard let sheet = OutgoingAnswer.stylesheet(path[1], issuer.style) else {
          throw .route(.unknown(path: Excerpt(request.target.path), nearest: nil))
        }
        return sheet
      case "errors", "docs":
        try onlyGet(request)
        return try DocumentationEndpoint(issuer: issuer).page(request, path: path)
      case let name where path.count == 1 && (name.hasPrefix("errors.") || name == "llms.txt"):
        try onlyGet(request)
        return try DocumentationEndpoint(issuer: issuer).page(request, path: path)
      case "help": return try DocumentationEndpoint(issuer: issuer).help(request, path: Array(path.dropFirst()))
      case let name where path.count == 1 && name.hasPrefix("help."):
        try onlyGet(request)
        return try DocumentationEndpoint(issuer: issuer).helpIndex(request, name)
      case "_test" where path.count == 2: return try await StateEndpoints(issuer: issuer).respond(to: request, path[1])
      case "health":
        try onlyGet(request)
        return try await health(request, path.count == 2 ? path[1] : "")
      case "metrics" where path.count == 1:
        try onlyGet(request)
        return Metrics(issuer: issuer).answer
      default: throw .route(.unknown(path: Excerpt(request.target.path), nearest: nil))
      }
    } catch {
      let isToken = path.first == "oauth" || error.code == .tokenRequestMalformed
      let place: Place = isToken ? .token : .documentation
      // Whoever reads with a browser gets a page.
      if place == .documentation, error.code == .notFound || error.code == .helpTopicNotFound, path.first != "help",
        request.headers[.accept]?.contains("text/html") == true
      {
        return PageAnswer(issuer, request).refuse(error)
      }
      return issuer.refuse(error, request, place: place)
    }
  }

  /// What is refused before an endpoint is asked: a body that is too large. A person gets a page.
  public func refuse(_ refusal: Refusal, _ request: IncomingRequest) -> OutgoingAnswer {
    let path = request.target.segments
    let isForm = path.count == 1 && ["login", "consent", "account"].contains(path[0])
    if isForm || isAuthorization(request.target) {
      return PageAnswer(issuer, request).refuse(refusal).below(issuer.path)
    }
    return issuer.refuse(refusal, request, place: path.first == "oauth" ? .token : .documentation)
  }

  /// The answers of the busiest endpoints that need no look at the store; `nil` where one is needed.
  public func respondNow(to request: IncomingRequest) -> OutgoingAnswer? {
    switch request.target.segments {
    case ["oauth", "token"]:
      issuer.contract.tokenEndpoints.first.flatMap { rule in
        TokenEndpoint(issuer: issuer, contract: issuer.contract, rule: rule, api: nil).respondNow(to: request)
      }
    case ["oauth", "introspect"]: IntrospectionEndpoint(issuer: issuer).respondNow(to: request)
    default: nil
    }
  }

  private func oauth(_ request: IncomingRequest, _ name: String) async throws(Refusal) -> OutgoingAnswer {
    switch name {
    case "userinfo": return await UserInfoEndpoint(issuer: issuer).respond(to: request)
    case "logout": return await SignOutEndpoint(issuer: issuer).respond(to: request)
    case "token":
      guard let rule = issuer.contract.tokenEndpoints.first else {
        throw .route(.unknown(path: Excerpt(request.target.path), nearest: nil))
      }
      return await TokenEndpoint(issuer: issuer, contract: issuer.contract, rule: rule, api: nil).respond(to: request)
    case "introspect": return await IntrospectionEndpoint(issuer: issuer).respond(to: request)
    case "revoke": return await RevocationEndpoint(issuer: issuer).respond(to: request)
    case "jwks":
      try onlyGet(request)
      return .json(MetadataEndpoint(issuer: issuer).keys.bytes, cached: true).open
    default: throw .route(.unknown(path: Excerpt(request.target.path), nearest: nil))
    }
  }

  private func wellKnown(_ request: IncomingRequest, _ path: [String]) throws(Refusal) -> OutgoingAnswer {
    try onlyGet(request)
    let metadata = MetadataEndpoint(issuer: issuer)
    switch path.first ?? "" {
    // RFC 8414 §3.1 inserts the well-known part before the issuer's path.
    case "openid-configuration" where path.count == 1 || Array(path.dropFirst()) == issuer.path,
      "oauth-authorization-server" where path.count == 1 || Array(path.dropFirst()) == issuer.path:
      return .json(metadata.authorizationServer.bytes, cached: true).open
    case "oauth-protected-resource":
      let rest = Array(path.dropFirst())
      let api =
        issuer.apis.filter { rest.starts(with: $0.metadataPath) }.max { $0.metadataPath.count < $1.metadataPath.count }
        ?? issuer.apis.first { $0.host == nil && rest == $0.prefix }
      guard let api = rest.isEmpty ? issuer.apis.first : api else {
        throw .route(.unknown(path: Excerpt(request.target.path), nearest: nil))
      }
      return .json(metadata.protectedResource(api).bytes, cached: true).open
    default: throw .route(.unknown(path: Excerpt(request.target.path), nearest: nil))
    }
  }

  private func health(_ request: IncomingRequest, _ name: String) async throws(Refusal) -> OutgoingAnswer {
    switch name {
    case "live": return .json(Array(#"{"status":"live"}"#.utf8))
    case "ready":
      if let fault = issuer.snapshot.fault { throw Refusal(fault) }
      do { _ = try await issuer.store.list(.all(.client, after: nil, limit: 1)) } catch { throw Refusal(error) }
      return .json(Array(#"{"status":"ready"}"#.utf8))
    default: throw .route(.unknown(path: Excerpt(request.target.path), nearest: nil))
    }
  }

  private func onlyGet(_ request: IncomingRequest) throws(Refusal) {
    guard request.method == "GET" || request.method == "HEAD" else {
      throw .request(.methodNotAllowed(seen: Excerpt(request.method), allowed: ["GET", "HEAD"]))
    }
  }
}

extension OutgoingAnswer {
  /// The same where the issuer has a path: addresses on pages and in redirects that begin at the host's root, which are
  /// all our own, begin below it. Texts cannot be taken for them, since their quotation marks are escaped.
  public func below(_ path: [String]) -> OutgoingAnswer {
    guard !path.isEmpty else { return self }
    let base = "/" + path.joined(separator: "/")
    var answer = self
    for (index, header) in headers.enumerated()
    where header.name == "Location" && header.value.hasPrefix("/") && !header.value.hasPrefix(base + "/") {
      answer.headers[index].value = base + header.value
    }
    if headers.contains(where: { $0.name == "Content-Type" && $0.value.hasPrefix("text/html") }) {
      var text = String(decoding: body, as: UTF8.self)
      for name in ["href", "action", "src"] {
        text = text.replacing(" \(name)=\"/", with: " \(name)=\"\(base)/")
          .replacing(" \(name)=\"\(base)\(base)/", with: " \(name)=\"\(base)/")
      }
      answer.body = Array(text.utf8)
    }
    return answer
  }

  /// Browsers' scripts may read it (RFC 9700 §2.6 names these documents).
  var open: OutgoingAnswer {
    var answer = self
    answer.headers.append(("Access-Control-Allow-Origin", "*"))
    return answer
  }
}

/// The documents a contract's callers know, below its mount: error pages at the vendor's addresses, help topics.
public struct ContractDocuments: Sendable {
  let issuer: Issuer

  public init(issuer: Issuer) { self.issuer = issuer }

  /// `nil` when the path is none of the contract's documents.
  public func respond(to request: IncomingRequest, below target: RequestTarget, _ api: ProtectedAPI) -> OutgoingAnswer?
  {
    let topics = api.contract.documentation.topics
    if !topics.isEmpty, target.segments.starts(with: ["api", "help"]) {
      do throws(Refusal) {
        return try DocumentationEndpoint(issuer: issuer).help(
          request, path: Array(target.segments.dropFirst(2)),
          topics: TopicTree(topics.compactMap { try? Topic(parsing: $0.markdown) }))
      } catch {
        return issuer.refuse(
          error, request, contract: api.contract, place: .api, path: target.path, realm: api.id.value)
      }
    }
    guard request.method == "GET" || request.method == "HEAD" else { return nil }
    let wantsMarkdown = target.path.hasSuffix(".md")
    let path = wantsMarkdown ? String(target.path.dropLast(3)) : target.path
    guard let page = api.contract.documentation.pages.first(where: { $0.path == path || $0.path + "/" == path }) else {
      return nil
    }
    let endpoint = DocumentationEndpoint(issuer: issuer)
    if wantsMarkdown { return endpoint.answer(SiteFile(page.path, .markdown, page.markdown), request) }
    let file = issuer.site.page(
      page.title, page.markdown, path: api.prefixPath + page.path, trail: [], forms: [.markdown])
    return endpoint.answer(file, request)
  }
}
