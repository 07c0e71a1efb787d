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
/// The checks themselves are `TokenChecks`, where an examination runs each of them alone.
public enum Verify {
  /// The `typ` of an access token (RFC 9068 §2.1).
  public static let accessTokenType = "at+jwt"

  public static func genuine(
    _ token: Secret, _ rule: AccessTokenRule, _ facts: VerificationFacts, trail: inout Trail
  ) throws(Refusal) -> AccessTokenFacts {
    switch rule.form {
    case .jwt: return try jwt(token, rule, facts, trail: &trail)
    case .opaque, .uuid:
      try trail.check(.tokenForm) { () throws(Refusal) in try TokenChecks.form(token, rule) }
      return try trail.check(.tokenKnown) { () throws(Refusal) in try TokenChecks.known(facts.stored) }
    }
  }

  private static func jwt(
    _ token: Secret, _ rule: AccessTokenRule, _ facts: VerificationFacts, trail: inout Trail
  ) throws(Refusal) -> AccessTokenFacts {
    let jws = try trail.check(.tokenForm) { () throws(Refusal) in try TokenChecks.parsed(token) }
    try trail.check(.algorithmAllowed) { () throws(Refusal) in try TokenChecks.algorithm(jws.header, rule) }
    let key = try trail.check(.keyKnown) { () throws(Refusal) in try TokenChecks.key(jws.header, facts.keys) }
    try trail.check(.signatureValid) { () throws(Refusal) in try TokenChecks.signature(jws, key) }
    try trail.check(.typeAccepted) { () throws(Refusal) in try TokenChecks.type(jws.header) }
    let claims = try trail.check(.payloadRead) { () throws(Refusal) in try TokenChecks.claims(jws) }
    try trail.check(.issuerTrusted) { () throws(Refusal) in try TokenChecks.issuer(claims, facts.issuer) }
    return try trail.check(.claimsPresent) { () throws(Refusal) in try AccessTokenFacts(claims) }
  }

  /// The checks that depend on the moment and the API, for a token already known to be genuine.
  public static func standing(
    _ token: AccessTokenFacts, audience: Audience, standing: Standing, leeway: Lifetime, now: Instant,
    trail: inout Trail
  ) throws(Refusal) {
    try trail.check(.audienceHere) { () throws(Refusal) in try TokenChecks.audience(token, audience) }
    try trail.check(.notBefore) { () throws(Refusal) in try TokenChecks.notBefore(token, leeway, now) }
    try trail.check(.notExpired) { () throws(Refusal) in try TokenChecks.notExpired(token, now) }
    try trail.check(.notRevoked) { () throws(Refusal) in try TokenChecks.notRevoked(standing) }
    try trail.check(.clientEnabled) { () throws(Refusal) in try TokenChecks.clientEnabled(token, standing) }
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
