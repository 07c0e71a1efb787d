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
    let facts = await PresentedTokenExaminer(
      issuer: issuer, contract: api.contract, audience: api.audience,
      origin: "audience of API \(api.id)" + (api.origin.map { " (\($0))" } ?? "")
    ).examine(request, shape.form, now, &findings)
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
    guard candidates.isEmpty else {
      findings.examination.check(.methodAllowed, source: source) { () throws(Refusal) in
        if let refusal, case .request = refusal { throw refusal }
      }
      return
    }
    findings.examination.skip(.methodAllowed, because: "there is no such route")
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
