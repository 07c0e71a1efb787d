public import Catalogue
public import Dialects
import HTTPTypes
import JOSE
public import OAuth
import Storage
import StrictJSON
public import Vocabulary

/// `POST /oauth/token`, and every token endpoint a contract brings (RFC 6749 §3.2).
///
///     parse → gather → decide → commit → sign → render          gather and decide again on a conflict
public struct TokenEndpoint: Sendable {
  let issuer: Issuer
  let contract: Contract
  let rule: TokenEndpointRule
  /// The API whose endpoint this is; `nil` for the issuer's own.
  let api: ProtectedAPI?

  public init(issuer: Issuer, contract: Contract, rule: TokenEndpointRule, api: ProtectedAPI?) {
    self.issuer = issuer
    self.contract = contract
    self.rule = rule
    self.api = api
  }

  /// Losing a race is normal; losing it eight times in a row is not.
  private static let attempts = 8

  public func respond(to request: IncomingRequest) async -> OutgoingAnswer {
    var trail = Trail()
    var claimed: ClientID?
    var isProvoked = false
    do throws(Refusal) {
      guard request.method == "POST" else {
        throw .request(.methodNotAllowed(seen: Excerpt(request.method), allowed: ["POST"]))
      }
      let form = try RequestBody.form(request, allowed: rule.bodies, trail: &trail)
      let token = TokenRequest(
        endpoint: rule, contract: contract, form: form, authorization: request.values(.authorization),
        trace: request.trace)
      claimed = token.claimedClient
      let issuance = try await decide(token, request, trail: &trail, &isProvoked)
      // A public client only named itself.
      issuer.provoker.noteUnproven(request, .token)
      return try answer(issuance)
    } catch {
      if !isProvoked { issuer.provoker.noteUnproven(request, refused: error, .token) }
      // For a client that was not known the store has been asked: a known one must not be refused in less time.
      if error.code == .clientAuthenticationFailed, let claimed, issuer.snapshot.client(claimed) != nil {
        _ = try? await issuer.snapshot.catchUp(issuer.store)
      }
      return issuer.refuse(
        error, trail: trail, request, contract: contract, place: .token, route: (api?.prefixPath ?? "") + rule.path,
        path: rule.path, realm: api?.id.value, client: claimed, kind: .token(contract, rule, api),
        isProvoked: isProvoked)
    }
  }

  /// The answer, where nothing need be read or written for it; `nil` otherwise, and then nothing has happened.
  /// A refused request is recorded, so ask only where an answer will be used.
  public func respondNow(to request: IncomingRequest) -> OutgoingAnswer? {
    if Provoker.isAsked(request.headers) { return nil }
    var trail = Trail()
    var claimed: ClientID?
    do throws(Refusal) {
      let form = try RequestBody.form(request, allowed: rule.bodies, trail: &trail)
      let token = TokenRequest(
        endpoint: rule, contract: contract, form: form, authorization: request.values(.authorization),
        trace: request.trace)
      guard token.refreshToken == nil, form["code"] == nil else { return nil }
      // A client that is not known yet may be in the store.
      guard token.claimedClient.map({ issuer.snapshot.client($0) != nil }) ?? true else { return nil }
      claimed = token.claimedClient
      var random = SystemRandomness()
      let decision = Token.decide(token, facts(token), now: Clock.now, random: &random)
      guard decision.changes.isEmpty else { return nil }
      trail.append(decision.trail)
      return try answer(try decision.outcome.get())
    } catch {
      // The same way for a secret that is wrong as for a client that is not known.
      if error.code == .clientAuthenticationFailed { return nil }
      return issuer.refuse(
        error, trail: trail, request, contract: contract, place: .token, route: (api?.prefixPath ?? "") + rule.path,
        path: rule.path, realm: api?.id.value, client: claimed, kind: .token(contract, rule, api))
    }
  }

  private func decide(
    _ request: TokenRequest, _ incoming: IncomingRequest, trail: inout Trail, _ isProvoked: inout Bool
  ) async throws(Refusal) -> Issuance {
    for _ in 0..<Self.attempts {
      let facts = try await gather(request)
      let now = Clock.now
      var random = SystemRandomness()
      let decision = Token.decide(request, facts, now: now, random: &random)
      try provoke(request, incoming, decision, facts, &trail, &isProvoked)
      var whole = trail
      whole.append(decision.trail)
      if case .success(let issuance) = decision.outcome, let algorithm = unsignable(issuance) {
        // Before anything is committed: a token that cannot be signed must not use up what was given for it.
        trail = whole
        throw .service(.signingKeyAbsent(Excerpt(algorithm)))
      }
      if !decision.changes.isEmpty {
        let outcome: CommitOutcome
        do throws(StoreFailure) { outcome = try await issuer.store.commit(Batch(decision.changes)) } catch {
          issuer.unanswered.add(decision.changes)
          trail = whole
          throw Refusal(error)
        }
        guard outcome == .committed else { continue }
        issuer.snapshot.applyLocally(decision.changes)
      }
      // What another process closed is over here, too, from this answer on.
      if case .failure(let refusal) = decision.outcome {
        issuer.snapshot.applyLocally(refusal.consequences(now: now))
      }
      trail = whole
      return try decision.outcome.get()
    }
    throw .service(.storageContended(attempts: Self.attempts))
  }

  /// The algorithm of a token to be issued, access token or ID token, for which there is no key.
  private func unsignable(_ issuance: Issuance) -> String? {
    var wanted = issuance.accessToken == nil ? [issuance.algorithm] : []
    if issuance.identity != nil { wanted.append(IdentityToken.algorithm) }
    return wanted.first { issuer.snapshot.keys.signingKey($0) == nil }
  }

  func gather(_ request: TokenRequest) async throws(Refusal) -> TokenFacts {
    var refresh: RefreshTokenRecord?
    var family: Versioned<TokenFamily>?
    var grantClosedAt: Instant?
    var sessionEndedAt: Instant?
    var code: Versioned<AuthorizationCodeRecord>?
    _ = try await issuer.client(request.claimedClient)
    do throws(StoreFailure) {
      if let presented = request.authorizationCode {
        code = try await issuer.unanswered.open(
          try await issuer.store.read(AuthorizationCodeRecord.self, TokenText.digest(presented).hexadecimal),
          in: issuer.store, now: Clock.now)
        if let code {
          let session = code.record.session.map { [RecordKey(.session, $0.hexadecimal)] } ?? []
          let found = try await issuer.store.read([RecordKey(.grant, code.record.grant.value)] + session)
          grantClosedAt = found.first??.closedAt
          // One that is gone from the store was over by itself, which does not matter to a code.
          sessionEndedAt = session.isEmpty ? nil : found.last??.closedAt
        }
      }
      if let token = request.refreshToken {
        refresh = try await issuer.store.read(RefreshTokenRecord.self, TokenText.digest(token).hexadecimal)?.record
      }
      if let refresh { family = try await issuer.store.read(TokenFamily.self, refresh.family.value) }
      if let family {
        grantClosedAt = try await issuer.store.read([RecordKey(.grant, family.record.grant.value)]).first??.closedAt
      }
    } catch { throw Refusal(error) }
    return facts(
      request, refresh: refresh, family: family, code: code, grantClosedAt: grantClosedAt,
      sessionEndedAt: sessionEndedAt)
  }

  private func facts(
    _ request: TokenRequest, refresh: RefreshTokenRecord? = nil, family: Versioned<TokenFamily>? = nil,
    code: Versioned<AuthorizationCodeRecord>? = nil, grantClosedAt: Instant? = nil, sessionEndedAt: Instant? = nil
  ) -> TokenFacts {
    TokenFacts(
      client: request.claimedClient.flatMap(issuer.snapshot.client), refresh: refresh, family: family,
      familyClient: (family?.record.client).flatMap(issuer.snapshot.client), code: code,
      grantClosedAt: grantClosedAt, sessionEndedAt: sessionEndedAt, subjects: issuer.subjects,
      apis: issuer.audiences(of: contract), fixedAudience: api?.audience,
      issuer: Audience(issuer.url))
  }

  private func answer(_ issuance: Issuance) throws(Refusal) -> OutgoingAnswer {
    let token: Secret
    if let opaque = issuance.accessToken {
      token = opaque
    } else {
      token = try Minter(issuer: issuer).sign(issuance.facts, algorithm: issuance.algorithm)
    }
    var members: [JSON.Member] = [
      .init("access_token", .string(token.reveal())), .init("token_type", "Bearer"),
      .init("expires_in", .integer(issuance.lifetime.seconds)),
    ]
    if issuance.tellsScope, !issuance.facts.scopes.isEmpty {
      members.append(.init("scope", .string(issuance.facts.scopes.description)))
    }
    // RFC 9396 §7: what was granted, where the contract tells scopes at all.
    if issuance.tellsScope, !issuance.facts.details.isEmpty {
      members.append(.init("authorization_details", .array(issuance.facts.details.map(\.json))))
    }
    if let identity = issuance.identity {
      let signed = try IdentityToken(issuer: issuer).sign(
        identity, issuance.facts, accessToken: token, now: issuance.facts.issuedAt)
      members.append(.init("id_token", .string(signed.reveal())))
    }
    if let refresh = issuance.refreshToken { members.append(.init("refresh_token", .string(refresh.reveal()))) }
    var answer = OutgoingAnswer.json(JSON.object(members).bytes)
    answer.headers.append(("Pragma", "no-cache"))
    return answer
  }
}

/// Signs access tokens (RFC 9068 §2.1).
public struct Minter: Sendable {
  let issuer: Issuer

  public init(issuer: Issuer) { self.issuer = issuer }

  public func sign(_ facts: AccessTokenFacts, algorithm: String) throws(Refusal) -> Secret {
    guard let key = issuer.snapshot.keys.signingKey(algorithm) else {
      throw .service(.signingKeyAbsent(Excerpt(algorithm)))
    }
    guard let token = try? key.sign(payload: facts.claims(issuer: issuer.url).bytes, type: Verify.accessTokenType)
    else {
      throw .service(.fault(Excerpt("a token could not be signed with key \(key.kid)")))
    }
    return Secret(token)
  }
}
