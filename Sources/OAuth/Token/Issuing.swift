import Dialects
import Vocabulary

/// Puts an issuance together: identifiers, records, and the token texts themselves (RFC 6749 §5.1).
struct Issuing {
  let request: TokenRequest
  let client: ClientID
  let subject: SubjectID
  let scopes: Scopes
  let details: [AuthorizationDetail]
  let audience: [Audience]
  let now: Instant
  /// What the client calls the subject, where that is another name (OpenID Connect Core §8.1).
  var subjectName: SubjectID?
  var grant: GrantID?
  var family: FamilyID?
  var refreshToken: Secret?
  var identity: Identity?
  var changes: [Change] = []

  /// Starts the line of refresh tokens of a new grant.
  /// - Parameter existing: the grant a person gave; without one the client's own is made.
  mutating func openFamily(
    _ rule: RefreshTokenRule, grant existing: GrantID? = nil, random: inout some RandomNumberGenerator
  ) {
    let grant = existing ?? GrantID(TokenText.uuid(random.bytes(16)))
    let family = FamilyID(TokenText.uuid(random.bytes(16)))
    let token = TokenText.write(
      random.bytes(32), form: rule.form, prefix: rule.prefixed ? TokenText.refreshPrefix : "")
    let expiresAt = now + rule.lifetime
    if existing == nil {
      changes.append(
        .insertGrant(
          Grant(
            id: grant, client: client, subject: subject, scopes: scopes, details: details, createdAt: now,
            expiresAt: expiresAt + request.contract.accessToken.lifetime, trace: request.trace)))
    }
    var opened = TokenFamily(
      id: family, grant: grant, contract: Excerpt(request.contract.name), client: client, subject: subject,
      scopes: scopes, details: details, audience: audience, generation: 1, rotatedAt: now,
      salt: TokenText.digest(random.bytes(32)), createdAt: now, expiresAt: expiresAt)
    opened.openedBy = request.trace
    changes.append(.insertFamily(opened))
    changes.append(
      .insertRefreshToken(
        RefreshTokenRecord(
          digest: TokenText.digest(token), family: family, generation: 1, expiresAt: expiresAt)))
    self.grant = grant
    self.family = family
    refreshToken = token
  }

  func decision(random: inout some RandomNumberGenerator, trail: Trail) -> Decision<Issuance> {
    let lifetime = request.contract.accessToken.lifetime
    let form = request.contract.accessToken.form
    let facts = AccessTokenFacts(
      id: TokenID(TokenText.uuid(random.bytes(16))), client: client, subject: subjectName ?? subject, scopes: scopes,
      details: details, audience: audience, grant: grant, family: family, issuedAt: now, expiresAt: now + lifetime)
    var changes = changes
    var token: Secret?
    if form != .jwt {
      let text = TokenText.write(random.bytes(32), form: form, prefix: TokenText.accessPrefix)
      changes.append(.insertAccessToken(AccessTokenRecord(digest: TokenText.digest(text), facts: facts)))
      token = text
    }
    return Decision(
      .success(
        Issuance(
          facts: facts, lifetime: lifetime, accessToken: token, algorithm: request.contract.accessToken.algorithm,
          refreshToken: refreshToken, tellsScope: request.endpoint.tellsScope,
          identity: identity)), changes: changes, trail: trail)
  }
}
