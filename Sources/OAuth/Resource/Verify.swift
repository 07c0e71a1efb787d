public import Catalogue
public import Dialects
public import JOSE
public import Vocabulary

/// What verification needs to know, gathered beforehand.
public struct VerificationFacts: Sendable {
  public let issuer: String
  /// The audience this API goes by.
  public let audience: Audience
  public let keys: JSONWebKeySet
  /// The stored record of an opaque token; not read for JWTs.
  public let stored: AccessTokenRecord?

  public init(issuer: String, audience: Audience, keys: JSONWebKeySet, stored: AccessTokenRecord?) {
    self.issuer = issuer
    self.audience = audience
    self.keys = keys
    self.stored = stored
  }
}

/// Decides whether a presented token is genuine and in force. RFC 9068 §4, RFC 8725 §3, RFC 6750 §3.1.
///
/// In the fixed order: form · algorithm · key · critical header and signature, or look-up · type · issuer · claims ·
/// audience · not before · expiry. Expiry comes after the signature, so "expired" is only said of a genuine token.
/// Revocation and the client's state are judged apart (`Standing`), since they change while a token is remembered.
public enum Verify {
  /// The `typ` of an access token (RFC 9068 §2.1).
  public static let accessTokenType = "at+jwt"

  public static func genuine(
    _ token: Secret, _ rule: AccessTokenRule, _ facts: VerificationFacts, trail: inout Trail
  ) throws(Refusal) -> AccessTokenFacts {
    switch rule.form {
    case .jwt: return try jwt(token, rule, facts, trail: &trail)
    case .opaque, .uuid:
      try trail.check(.tokenForm) { () throws(Refusal) in
        guard TokenText.has(form: rule.form, token.reveal()) else {
          throw .bearer(.formatUnrecognised(Excerpt("not a token of the form \(rule.form.rawValue)")))
        }
      }
      return try trail.check(.tokenKnown) { () throws(Refusal) in
        guard let stored = facts.stored else { throw .bearer(.unknown) }
        return stored.facts
      }
    }
  }

  private static func jwt(
    _ token: Secret, _ rule: AccessTokenRule, _ facts: VerificationFacts, trail: inout Trail
  ) throws(Refusal) -> AccessTokenFacts {
    let jws = try trail.check(.tokenForm) { () throws(Refusal) in try parse(token) }
    let header = jws.header
    try trail.check(.algorithmAllowed) { () throws(Refusal) in
      guard header.algorithmName == rule.algorithm else {
        throw .bearer(.algorithmRejected(Excerpt(header.algorithmName), allowed: [Excerpt(rule.algorithm)]))
      }
    }
    let key = try trail.check(.keyKnown) { () throws(Refusal) in
      guard let kid = header.keyID, let key = facts.keys[kid] else {
        throw .bearer(
          .keyUnknown(Excerpt(header.keyID ?? "(absent)"), known: facts.keys.keys.compactMap { $0.kid.map(KeyID.init) })
        )
      }
      return key
    }
    try trail.check(.signatureValid) { () throws(Refusal) in
      do throws(JOSEFault) { try jws.verify(with: key) } catch {
        if case .critical(let names) = error { throw .bearer(.criticalHeader(names.map { Excerpt($0) })) }
        if case .headerMember(let name) = error { throw .bearer(.criticalHeader([Excerpt(name)])) }
        throw .bearer(.signatureInvalid(KeyID(key.kid ?? "")))
      }
    }
    try trail.check(.typeAccepted) { () throws(Refusal) in
      let type = header.type?.lowercased() ?? "(absent)"
      guard type == accessTokenType || type == "application/" + accessTokenType else {
        throw .bearer(.typeWrong(Excerpt(type), expected: Excerpt(accessTokenType)))
      }
    }
    let claims = try trail.check(.payloadRead) { () throws(Refusal) in
      do throws(JOSEFault) { return try Claims(payload: jws.payload) } catch {
        if case .claimMalformed(let name) = error { throw .bearer(.claimMissing(ParameterName(name))) }
        throw .bearer(.claimMissing("payload"))
      }
    }
    try trail.check(.issuerTrusted) { () throws(Refusal) in
      guard claims.issuer == facts.issuer else {
        throw .bearer(.issuerUntrusted(Excerpt(claims.issuer ?? "(absent)"), trusted: Excerpt(facts.issuer)))
      }
    }
    return try trail.check(.claimsPresent) { () throws(Refusal) in try AccessTokenFacts(claims) }
  }

  private static func parse(_ token: Secret) throws(Refusal) -> CompactJWS {
    do throws(JOSEFault) { return try CompactJWS(parsing: token.reveal()) } catch {
      throw .bearer(.formatUnrecognised(Excerpt("not a signed token: \(error)")))
    }
  }

  /// The checks that depend on the moment and the API, for a token already known to be genuine.
  public static func standing(
    _ token: AccessTokenFacts, audience: Audience, standing: Standing, leeway: Lifetime, now: Instant,
    trail: inout Trail
  ) throws(Refusal) {
    try trail.check(.audienceHere) { () throws(Refusal) in
      guard token.audience.contains(audience) else {
        throw .bearer(.audienceMismatch(token.audience.map { Excerpt($0.value) }, expected: Excerpt(audience.value)))
      }
    }
    try trail.check(.notBefore) { () throws(Refusal) in
      if let notBefore = token.notBefore, notBefore > now + leeway {
        throw .bearer(.notYetValid(until: notBefore, now: now))
      }
    }
    try trail.check(.notExpired) { () throws(Refusal) in
      guard token.expiresAt > now else { throw .bearer(.expired(at: token.expiresAt, now: now)) }
    }
    try trail.check(.notRevoked) { () throws(Refusal) in
      switch standing {
      case .inForce, .clientDisabled: return
      case .revoked(let by, let at):
        switch by {
        case .client: throw .bearer(.revokedByClient(at: at))
        case .operator: throw .bearer(.revokedByOperator(at: at))
        }
      case .grantClosed(let at): throw .bearer(.revokedByOperator(at: at))
      case .familyClosed(let family, let at): throw .bearer(.revokedByContainment(family: family, at: at))
      }
    }
    try trail.check(.clientEnabled) { () throws(Refusal) in
      if case .clientDisabled = standing { throw .bearer(.clientDisabled(token.client)) }
    }
  }
}

/// What has happened to a token since it was issued (RFC 7009, RFC 9700 §4.14.2).
public enum Standing: Equatable, Sendable {
  case inForce
  case revoked(by: Revocation.Author, at: Instant)
  case grantClosed(at: Instant)
  case familyClosed(FamilyID, at: Instant)
  case clientDisabled
}
