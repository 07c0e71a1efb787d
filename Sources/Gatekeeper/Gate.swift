public import AuthorizationServer
import Catalogue
import Dialects
import HTTPTypes
public import OAuth
public import Storage
public import Vocabulary

/// In front of the APIs: matches API and route, verifies, and admits or refuses in the API's own words.
///
///     mount · target · version · representation · route · method · credential · token · standing · parameters · scope · resource
///
/// The decision is synchronous whenever it needs no I/O; only an opaque token not seen before asks the store.
public final class Gate: Sendable {
  let issuer: Issuer
  private let remembered: [APIID: VerifiedTokens]

  public init(issuer: Issuer) {
    self.issuer = issuer
    remembered = Dictionary(issuer.apis.map { ($0.id, VerifiedTokens()) }) { first, _ in first }
  }

  public enum Verdict: Sendable {
    case admit(Admission)
    case refuse(OutgoingAnswer)
    /// Something must be read (`lookUp`), then decide again.
    case lookUp(PendingLookup)
  }

  /// What must be read before it can be decided.
  public enum PendingLookup: Sendable {
    /// The token is opaque and not remembered.
    case token(Digest)
    /// The refusal may come of not having heard yet what another node did.
    case news
  }

  /// What the store said of an opaque token.
  public enum Lookup: Sendable {
    case notYet
    case done(AccessTokenRecord?)
  }

  /// The API mounted at a target: host first, then the longest prefix, then the first segment below it.
  public func mount(host: String, _ target: RequestTarget) -> (api: ProtectedAPI, target: RequestTarget)? {
    var best: (api: ProtectedAPI, rank: Int)?
    for api in issuer.apis {
      if let wanted = api.host, wanted != host { continue }
      guard target.isBelow(api.prefix) else { continue }
      if api.prefix.isEmpty, api.host == nil { continue }
      let named = api.under.contains(target.segments.dropFirst(api.prefix.count).first ?? "")
      if !api.under.isEmpty, !named, best != nil { continue }
      let rank = (api.host == nil ? 0 : 1000) + api.prefix.count * 10 + (named ? 5 : api.under.isEmpty ? 1 : 0)
      if best.map({ $0.rank < rank }) ?? true { best = (api, rank) }
    }
    guard let api = best?.api, let below = target.stripping(api.prefix) else { return nil }
    return (api, below)
  }

  /// Decides one request at an API. Changes nothing but the journal and what is remembered.
  public func decide(
    _ api: ProtectedAPI, _ below: RequestTarget, _ request: IncomingRequest, lookup: Lookup = .notYet
  ) -> Verdict {
    let target = api.contract.routing.trailingSlashIgnored ? below.withoutTrailingSlash : below
    var trail = Trail()
    var route: Route?
    var isProvoked = false
    do throws(Refusal) {
      trail.pass(.targetUnambiguous)
      try api.checkVersion(target, request, &trail)
      try api.checkRepresentation(request, &trail)
      let candidates = api.routes.compactMap { route in route.match(target.segments).map { (route, $0) } }
      let matched = candidates.first { $0.0.methods.contains(request.method) }
      route = matched?.0 ?? candidates.first?.0
      if !api.contract.routing.authenticateBeforeRouting {
        try api.checkRoute(candidates, matched, target, request, &trail)
      }
      if let (route, variables) = matched, route.access != .token {
        try ProtectedAPI.checkParameters(route, variables, request, &trail)
      }
      switch matched?.0.access ?? .token {
      case .everyone:
        return .admit(Admission(api: api, target: target, route: route, trace: request.trace, token: nil, client: nil))
      case .client:
        let client = try authenticateClient(request, &trail)
        try issuer.provoke(request, at: api, target, route, client: client.id, token: nil, &isProvoked)
        return .admit(
          Admission(api: api, target: target, route: route, trace: request.trace, token: nil, client: client.id))
      case .token: break
      }
      guard let token = try verified(api, target, request, lookup, route, &trail, &isProvoked) else {
        return try needsLookup(api, target, request)
      }
      try issuer.provoke(request, at: api, target, route, client: token.client, token: token, &isProvoked)
      if api.contract.routing.authenticateBeforeRouting {
        try api.checkRoute(candidates, matched, target, request, &trail)
      }
      if let (route, variables) = matched {
        try ProtectedAPI.checkParameters(route, variables, request, &trail)
        try ProtectedAPI.checkPolicy(route, variables, token, &trail)
      }
      return .admit(Admission(api: api, target: target, route: route, trace: request.trace, token: token, client: nil))
    } catch {
      if case .notYet = lookup, issuer.mayBeBehind(error) { return .lookUp(.news) }
      if !isProvoked { issuer.provoker.noteUnproven(request, refused: error, .api) }
      return .refuse(refuse(error, trail, request, api, target, route: route, isProvoked: isProvoked))
    }
  }

  /// Reads what a decision waits for.
  public func lookUp(_ pending: PendingLookup) async throws(StoreFailure) -> Lookup {
    guard case .token(let digest) = pending else {
      try await issuer.snapshot.catchUp(issuer.store)
      return .done(nil)
    }
    let record = try await issuer.store.read(AccessTokenRecord.self, digest.hexadecimal)?.record
    if let record, issuer.mayBeBehind(.bearer(.clientDisabled(record.facts.client))) {
      try await issuer.snapshot.catchUp(issuer.store)
    }
    return .done(record)
  }

  func refuse(
    _ refusal: Refusal, _ trail: Trail, _ request: IncomingRequest, _ api: ProtectedAPI, _ target: RequestTarget,
    route: Route?, isProvoked: Bool = false
  ) -> OutgoingAnswer {
    issuer.refuse(
      refusal, trail: trail, request, contract: api.contract, place: .api,
      route: api.prefixPath + (route?.template ?? "(no route)"), path: target.path, realm: api.id.value,
      resourceMetadata: ([issuer.url, ".well-known", "oauth-protected-resource"] + api.metadataPath)
        .joined(separator: "/"), kind: .api(api, target, route), isProvoked: isProvoked)
  }

  private func needsLookup(
    _ api: ProtectedAPI, _ target: RequestTarget, _ request: IncomingRequest
  ) throws(Refusal) -> Verdict {
    let presented = try PresentedToken.extract(
      api.contract.credential, authorization: request.values(.authorization), query: target.form)
    return .lookUp(.token(TokenText.digest(presented.token)))
  }

  /// The token's facts; `nil` when an opaque token must be looked up first.
  private func verified(
    _ api: ProtectedAPI, _ target: RequestTarget, _ request: IncomingRequest, _ lookup: Lookup, _ route: Route?,
    _ trail: inout Trail, _ isProvoked: inout Bool
  ) throws(Refusal) -> AccessTokenFacts? {
    let presented = try trail.check(.credentialParsed) { () throws(Refusal) in
      try PresentedToken.extract(
        api.contract.credential, authorization: request.values(.authorization), query: target.form)
    }
    trail.pass(.credentialPresented)
    try issuer.provoke(magic: presented.token, request, at: api, target, route, &isProvoked)
    let rule = api.contract.accessToken
    let digest = TokenText.digest(presented.token)
    let generation = issuer.snapshot.keyGeneration
    let facts: AccessTokenFacts
    if let known = remembered[api.id]?.find(digest, generation: generation),
      // A revoked token is looked up like an unknown one, so that time does not tell them apart.
      rule.form == .jwt || issuer.snapshot.standing(of: known) == .inForce
    {
      facts = known
    } else {
      var stored: AccessTokenRecord?
      if rule.form != .jwt, TokenText.has(form: rule.form, presented.token.reveal()) {
        guard case .done(let record) = lookup else { return nil }
        stored = record
      }
      facts = try Verify.genuine(
        presented.token, rule,
        VerificationFacts(
          issuer: issuer.url, audience: api.audience, keys: issuer.snapshot.keys.published, stored: stored),
        trail: &trail)
      remembered[api.id]?.remember(digest, facts, generation: generation)
    }
    try Verify.standing(
      facts, audience: api.audience, standing: issuer.snapshot.standing(of: facts), leeway: Lifetime(clamping: 5),
      now: Clock.now, trail: &trail)
    return facts
  }

  private func authenticateClient(_ request: IncomingRequest, _ trail: inout Trail) throws(Refusal) -> Client {
    let credentials = try ClientCredentials(authorization: request.values(.authorization), form: Form([]))
    return try ClientAuthentication.verify(
      credentials, client: credentials.client.flatMap(issuer.snapshot.client), now: Clock.now, trail: &trail)
  }
}
