import Catalogue
import Dialects
import JOSE
public import Vocabulary

/// A refresh token is exchanged for new tokens, once. RFC 6749 §6, RFC 9700 §4.14.
///
/// Rotation: the successor is HMAC-SHA256 of the family's salt under the *presented* token. Nothing that is
/// stored yields a token, yet whoever lost the answer and presents the same token again inside the contract's
/// grace gets the very same successor. A superseded token after that, or one two generations old, was copied:
/// the server cannot know by whom, so the family ends.
///
///     current generation            → rotate
///     previous, inside the grace    → the same successor again, no rotation
///     anything older, or later      → refuse, and revoke the family (see `Refusal.consequences`)
public enum RefreshTokenGrant {
  /// Whether a token would be taken now: it is the family's newest, or the one before inside the grace.
  public static func isCurrent(
    _ token: RefreshTokenRecord, _ family: TokenFamily, grace: Lifetime, now: Instant
  ) -> Bool {
    token.generation == family.generation
      || (token.generation == family.generation - 1 && now < family.rotatedAt + grace)
  }

  static func decide(
    _ request: TokenRequest, _ facts: TokenFacts, client: Client?, now: Instant,
    random: inout some RandomNumberGenerator, trail: inout Trail
  ) throws(Refusal) -> Decision<Issuance> {
    guard let rule = request.contract.refreshToken else {
      throw .grant(.typeUnknown(Excerpt(GrantType.refreshToken.rawValue), supported: request.endpoint.grants))
    }
    let presented = try trail.check(.grantPresented) { () throws(Refusal) -> Secret in try read(request, rule) }
    let (record, found) = try trail.check(.grantFound) {
      () throws(Refusal) -> (RefreshTokenRecord, Versioned<TokenFamily>) in try checkKnown(request, facts)
    }
    let family = found.record
    let holder = try trail.check(.grantHeldByClient) { () throws(Refusal) in
      try checkHolder(family, client ?? facts.familyClient)
    }
    try trail.check(.grantInForce) { () throws(Refusal) in try checkInForce(found, facts, now) }
    let isRetry = try trail.check(.grantCurrent) { () throws(Refusal) in
      try checkCurrent(record, family, grace: rule.grace, now: now)
      return record.generation != family.generation
    }
    let scopes = try trail.check(.scopeAllowed) { () throws(Refusal) in try checkScopes(request, family) }
    let audience = try trail.check(.resourceKnown) { () throws(Refusal) in
      try narrowed(family.audience, request.form.values(of: "resource").filter { !$0.isEmpty })
    }
    var issuing = Issuing(
      request: request, client: holder.id, subject: family.subject, scopes: scopes, details: family.details,
      audience: audience, now: now, subjectName: facts.subjects.name(of: family.subject, for: holder),
      grant: family.grant, family: family.id)
    if isRetry {
      issuing.refreshToken = successor(of: presented, salt: family.salt, rule)
    } else {
      issuing.rotate(found, presented: presented, rule, random: &random)
    }
    return issuing.decision(random: &random, trail: trail)
  }

  static func checkKnown(
    _ request: TokenRequest, _ facts: TokenFacts
  ) throws(Refusal) -> (RefreshTokenRecord, Versioned<TokenFamily>) {
    guard let record = facts.refresh, let family = facts.family else { throw .refreshToken(.unknown) }
    guard family.record.contract == Excerpt(request.contract.name) else { throw .refreshToken(.unknown) }
    return (record, family)
  }

  static func checkHolder(_ family: TokenFamily, _ owner: Client?) throws(Refusal) -> Client {
    guard let owner else { throw .refreshToken(.unknown) }
    guard owner.id == family.client else {
      throw .refreshToken(.clientMismatch(holder: family.client, presenter: owner.id))
    }
    guard !owner.isDisabled else { throw .client(.disabled(owner.id)) }
    // Also where the token speaks for its client: a client gets no more without its secret than with it.
    guard owner.grants.contains(.refreshToken) else {
      throw .grant(.typeNotRegistered(.refreshToken, client: owner.id, registered: owner.grants))
    }
    return owner
  }

  static func checkInForce(_ found: Versioned<TokenFamily>, _ facts: TokenFacts, _ now: Instant) throws(Refusal) {
    let family = found.record
    if let closedAt = found.closedAt ?? facts.grantClosedAt {
      throw .refreshToken(.familyRevoked(family: family.id, at: closedAt))
    }
    if family.expiresAt <= now { throw .refreshToken(.expired(family: family.id, at: family.expiresAt)) }
  }

  static func checkCurrent(
    _ record: RefreshTokenRecord, _ family: TokenFamily, grace: Lifetime, now: Instant
  ) throws(Refusal) {
    if isCurrent(record, family, grace: grace, now: now) { return }
    throw .refreshToken(
      .reused(
        family: family.id, grant: family.grant, presented: record.generation, current: family.generation,
        rotatedAt: family.rotatedAt, grace: grace))
  }

  static func checkScopes(_ request: TokenRequest, _ family: TokenFamily) throws(Refusal) -> Scopes {
    let scopes = try Token.scopes(request, within: family.scopes)
    guard scopes.isSubset(of: family.scopes) else {
      throw .scope(.widened(scopes.subtracting(family.scopes), granted: family.scopes))
    }
    return scopes
  }

  /// A refresh may ask for a token of fewer APIs than the grant is for (RFC 8707 §2.2).
  static func narrowed(_ granted: [Audience], _ asked: [String]) throws(Refusal) -> [Audience] {
    for resource in asked where !granted.contains(Audience(resource)) {
      throw .scope(.resourceUnknown(Excerpt(resource), known: granted.map { Excerpt($0.value) }))
    }
    return asked.isEmpty ? granted : asked.map(Audience.init)
  }

  static func read(_ request: TokenRequest, _ rule: RefreshTokenRule) throws(Refusal) -> Secret {
    guard let text = request.form["refresh_token"] else { throw .request(.tokenParameterMissing("refresh_token")) }
    if rule.exactForm, !TokenText.has(form: rule.form, text) { throw .refreshToken(.malformed(Echo(text))) }
    return Secret(text)
  }

  static func successor(of presented: Secret, salt: Digest, _ rule: RefreshTokenRule) -> Secret {
    let bytes = HMACSHA256.authenticate(Array(salt.hexadecimal.utf8), key: Array(presented.utf8))
    return TokenText.write(bytes, form: rule.form, prefix: rule.prefixed ? TokenText.refreshPrefix : "")
  }
}

extension Issuing {
  /// Replaces the family's current token; loses with a conflict when another request was faster.
  mutating func rotate(
    _ found: Versioned<TokenFamily>, presented: Secret, _ rule: RefreshTokenRule,
    random: inout some RandomNumberGenerator
  ) {
    var family = found.record
    let (generation, overflow) = family.generation.addingReportingOverflow(1)
    family.generation = overflow ? family.generation : generation
    family.rotatedAt = now
    family.rotatedBy = request.trace
    family.salt = TokenText.digest(random.bytes(32))
    let token = RefreshTokenGrant.successor(of: presented, salt: family.salt, rule)
    changes.append(.replaceFamily(family, expecting: found.version))
    changes.append(
      .insertRefreshToken(
        RefreshTokenRecord(
          digest: TokenText.digest(token), family: family.id, generation: family.generation,
          expiresAt: family.expiresAt)))
    refreshToken = token
  }
}
