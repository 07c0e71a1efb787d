import Catalogue
import Dialects
import HTTPTypes
import OAuth
import Storage
import StrictJSON
import Vocabulary

/// The second look at a request in front of an API.
struct APIExaminer {
  let issuer: Issuer
  let api: ProtectedAPI
  let target: RequestTarget
  /// As matched when it was refused.
  let route: Route?

  func examine(_ request: IncomingRequest, now: Instant, _ findings: inout Findings) async {
    let shape = api.contract.routing.trailingSlashIgnored ? target.withoutTrailingSlash : target
    var trail = Trail()
    findings.examination.check(.targetUnambiguous) { () throws(Refusal) in }
    var isVersionKnown = true
    if api.contract.routing.version != nil {
      let version: Void? = findings.examination.check(.versionSupported, source: contract("routing")) {
        () throws(Refusal) in
        try api.checkVersion(shape, request, &trail)
      }
      isVersionKnown = version != nil
    }
    if !api.contract.routing.produces.isEmpty {
      findings.examination.check(.representationAcceptable, source: contract("routing")) { () throws(Refusal) in
        try api.checkRepresentation(request, &trail)
      }
    }
    let candidates = api.routes.compactMap { route in route.match(shape.segments).map { (route, $0) } }
    let matched = candidates.first { $0.0.methods.contains(request.method) }
    if isVersionKnown {
      examineRoute(candidates, matched, shape, request, &findings)
    } else {
      findings.examination.skip(.routeKnown, .methodAllowed, because: "this version of the API does not exist")
    }
    guard matched?.0.access ?? .token != .everyone else { return }
    if matched?.0.access == .client { return client(request, now, &findings) }
    let facts = await token(request, shape, now, &findings)
    guard let (route, variables) = matched else { return }
    let parameters: Void? = findings.examination.check(.parametersValid, source: origin(route)) { () throws(Refusal) in
      try ProtectedAPI.checkParameters(route, variables, request, &trail)
    }
    resemblesParameters(route, variables, facts, request, &findings)
    if parameters == nil { findings.examination.skip(.resourceGranted, because: "a parameter has not the right form") }
    guard let facts else {
      return findings.examination.skip(
        .scopeSufficient, .resourceGranted, because: "the token says nothing that can be read")
    }
    policy(route, variables, facts, &findings)
  }

  private func contract(_ key: String) -> String { "contract \(api.contract.name): \(key)" }

  private func origin(_ route: Route) -> String {
    let name = "API \(api.id), route \(route.methods.joined(separator: ",")) \(route.template)"
    return route.origin.map { "\(name) (\($0))" } ?? name
  }

  private func examineRoute(
    _ candidates: [(Route, [String: String])], _ matched: (Route, [String: String])?, _ shape: RequestTarget,
    _ request: IncomingRequest, _ findings: inout Findings
  ) {
    var trail = Trail()
    let refusal: Refusal?
    do throws(Refusal) {
      try api.checkRoute(candidates, matched, shape, request, &trail)
      refusal = nil
    } catch { refusal = error }
    let source = "routes of API \(api.id)" + (api.origin.map { " (\($0))" } ?? "")
    findings.examination.check(.routeKnown, source: source, shows: candidates.first?.0.template ?? "") {
      () throws(Refusal) in
      if let refusal, case .route = refusal { throw refusal }
    }
    findings.examination.check(.methodAllowed, source: source) { () throws(Refusal) in
      if let refusal, case .request = refusal { throw refusal }
    }
    guard candidates.isEmpty else { return }
    for near in NearestRoute.of(shape, api.routes) { findings.examination.notice(near) }
    let versioned = issuer.apis.first { other in
      other.id != api.id && other.routes.contains { $0.match(shape.segments) != nil }
    }
    if let versioned {
      findings.examination.notice("API \(versioned.id), below \(versioned.prefixPath), has such a route")
    }
  }

  private func client(_ request: IncomingRequest, _ now: Instant, _ findings: inout Findings) {
    guard let rule = issuer.contract.tokenEndpoints.first else { return }
    let asked = TokenRequest(
      endpoint: rule, contract: issuer.contract, form: Form([]), authorization: request.values(.authorization))
    let facts = TokenFacts(
      client: asked.claimedClient.flatMap(issuer.snapshot.client), subjects: issuer.subjects, apis: [],
      fixedAudience: nil, issuer: Audience(issuer.url))
    findings.examination.clientAuthentication(asked, facts, clients: issuer.snapshot.clients, now: now)
  }

  private func token(
    _ request: IncomingRequest, _ shape: RequestTarget, _ now: Instant, _ findings: inout Findings
  ) async -> AccessTokenFacts? {
    elsewhere(request, &findings)
    let values = request.values(.authorization)
    let presented = try? PresentedToken.extract(api.contract.credential, authorization: values, query: shape.form).token
    let identity = CredentialIdentity(issuer: issuer)
    var stored: AccessTokenRecord?
    if let presented {
      findings.examination.note("fingerprint", Fingerprint(issuer).of(presented.reveal()))
      stored = await identity.accessToken(presented)
    }
    let keys = issuer.snapshot.keys
    let seen = PresentedAccess(
      authorization: values, query: shape.form, contract: api.contract,
      facts: VerificationFacts(
        issuer: issuer.url, audience: api.audience, keys: keys.published, stored: stored),
      origin: "audience of API \(api.id)" + (api.origin.map { " (\($0))" } ?? ""), retired: keys.formerly)
    let facts = findings.examination.accessToken(
      seen, standing: { issuer.snapshot.standing(of: $0) }, leeway: Lifetime(clamping: 5), now: now)
    if let presented, stored == nil, facts == nil || api.contract.accessToken.form != .jwt {
      for notice in await identity.notices(of: presented.reveal(), wanted: .accessToken) {
        findings.examination.notice(notice)
      }
    }
    // A grant is believed of a token that was issued here, not of what a text says of itself.
    let isGenuine =
      stored != nil || findings.examination.checks.contains { $0.checkpoint == .signatureValid && $0.outcome == .pass }
    if let facts, isGenuine {
      findings.grant = facts.grant
      findings.client = facts.client
      findings.examination.note("subject", Fingerprint(issuer).of("subject:" + facts.subject.value))
      findings.timeline = await Timeline(issuer: issuer).of(grant: facts.grant, family: facts.family)
      findings.timeline.insert(
        [
          "at": .string(facts.issuedAt.description), "event": "access token issued",
          "client": .string(facts.client.value),
        ],
        at: 0)
    }
    return facts
  }

  /// Places where a credential was sent and is not read.
  private func elsewhere(_ request: IncomingRequest, _ findings: inout Findings) {
    if request.headers[.authorization] == nil {
      for name in ["X-Forwarded-Authorization", "X-Authorization", "Proxy-Authorization", "X-Original-Authorization"] {
        guard let field = HTTPField.Name(name), request.headers[field] != nil else { continue }
        findings.examination.notice("there is no Authorization header, but \(name): a proxy or the client put it there")
      }
      for name in ["X-API-Key", "X-Auth-Token", "X-Access-Token", "Api-Key", "Token", "Auth"] {
        guard let field = HTTPField.Name(name), request.headers[field] != nil else { continue }
        findings.examination.notice("there is no Authorization header, but \(name), which this API does not read")
      }
      if let cookie = request.headers[.cookie], cookie.contains("token=") {
        findings.examination.notice("a cookie is named like a token; this API reads no cookies")
      }
    }
    let known = api.contract.credential.queryParameter
    for parameter in target.form?.parameters ?? [] where parameter.name != known {
      if ["access_token", "token", "api_key", "apikey", "auth", "jwt"].contains(parameter.name.lowercased()) {
        findings.examination.notice("the query has `\(Excerpt(parameter.name))`, where this API reads no token")
      } else if let known, Spelling.nearest(to: parameter.name, among: [known]) != nil {
        findings.examination.notice("the query has `\(Excerpt(parameter.name))`, which resembles `\(known)`")
      }
    }
  }

  /// Parameters that are nearly right: a thing's name in another spelling, a header misspelled.
  private func resemblesParameters(
    _ route: Route, _ variables: [String: String], _ facts: AccessTokenFacts?, _ request: IncomingRequest,
    _ findings: inout Findings
  ) {
    for (name, value) in variables {
      for odd in Examination.oddities(value) { findings.examination.notice("\(name): " + odd) }
      for (variant, how) in SecretResemblance.variants(of: value)
      where facts?.details.contains(where: { $0.identifier == variant }) ?? false {
        findings.examination.notice("\(how) \(name) names a \(route.resource?.type ?? "thing") that the token is for")
      }
    }
    let present = request.headers.map(\.name.canonicalName)
    for wanted in route.requiredHeaders where !present.contains(wanted.name.lowercased()) {
      if let near = Spelling.nearest(to: wanted.name, among: present) {
        findings.examination.notice("there is no header \(wanted.name), but `\(Excerpt(near))`")
      }
    }
  }

  private func policy(
    _ route: Route, _ variables: [String: String], _ facts: AccessTokenFacts, _ findings: inout Findings
  ) {
    var trail = Trail()
    var refusal: Refusal?
    do throws(Refusal) { try ProtectedAPI.checkPolicy(route, variables, facts, &trail) } catch { refusal = error }
    let failed = trail.stoppedAt
    findings.examination.check(.scopeSufficient, source: origin(route), shows: facts.scopes.description) {
      () throws(Refusal) in
      if let refusal, failed == .scopeSufficient { throw refusal }
    }
    findings.examination.resemblesScopes(route.scopes, held: facts.scopes)
    guard route.resource != nil, !findings.examination.checks.contains(where: { $0.checkpoint == .resourceGranted })
    else { return }
    if failed == .scopeSufficient {
      findings.examination.skip(.resourceGranted, because: "the scope is missing in any case")
    } else {
      findings.examination.check(.resourceGranted, source: origin(route)) { () throws(Refusal) in
        if let refusal { throw refusal }
      }
    }
  }
}
