import Catalogue
import Dialects
import JOSE
import Vocabulary

/// The checks of an access token, each by itself: `Verify` runs them in their order, an examination runs all of them.
enum TokenChecks {
  static func form(_ token: Secret, _ rule: AccessTokenRule) throws(Refusal) {
    guard TokenText.has(form: rule.form, token.reveal()) else {
      let length = token.utf8.count
      throw .bearer(
        .formatUnrecognised(
          Excerpt("\(length) characters that are not of that form"),
          expected: rule.form == .uuid ? "a UUID of 36 characters" : "an opaque token of 47 characters"))
    }
  }

  static func known(_ stored: AccessTokenRecord?) throws(Refusal) -> AccessTokenFacts {
    guard let stored else { throw .bearer(.unknown) }
    return stored.facts
  }

  static func parsed(_ token: Secret) throws(Refusal) -> CompactJWS {
    do throws(JOSEFault) { return try CompactJWS(parsing: token.reveal()) } catch {
      throw .bearer(.formatUnrecognised(fault(error), expected: "a signed JWT: three base64url parts (RFC 7515, 7.1)"))
    }
  }

  private static func fault(_ fault: JOSEFault) -> Excerpt {
    switch fault {
    case .partCount(let count): Excerpt("\(count) part\(count == 1 ? "" : "s") between dots")
    case .notBase64URL(let part): Excerpt("a \(part.rawValue) part that is not base64url")
    case .tooLarge(let limit): Excerpt("more than \(limit) bytes")
    case .headerNotJSON: "a header that is not JSON, or repeats a member"
    case .headerNotObject: "a header that is no JSON object"
    case .headerMember(let name): Excerpt("a header whose \(name) is missing or malformed")
    case .critical, .algorithmNotAllowed, .signatureInvalid, .payloadNotJSON, .payloadNotObject, .claimMalformed,
      .keyUnsupported, .keyMember, .keyTooSmall, .keyTooLarge, .keyWeak, .keyIDRepeated, .privateKeyMalformed,
      .signingFailed, .sealingKeyLength, .sealBroken:
      Excerpt("\(fault)")
    }
  }

  /// RFC 8725 §3.1: the algorithm is the API's choice, never the token's.
  static func algorithm(_ header: JOSEHeader, _ rule: AccessTokenRule) throws(Refusal) {
    guard header.algorithmName == rule.algorithm else {
      throw .bearer(.algorithmRejected(Excerpt(header.algorithmName), allowed: [Excerpt(rule.algorithm)]))
    }
  }

  static func key(_ header: JOSEHeader, _ keys: JSONWebKeySet) throws(Refusal) -> JSONWebKey {
    guard let kid = header.keyID, let key = keys[kid] else {
      throw .bearer(
        .keyUnknown(
          Excerpt(header.keyID.map { $0.isEmpty ? "(empty)" : $0 } ?? "(absent)"),
          known: keys.keys.compactMap { $0.kid.map(KeyID.init) }))
    }
    return key
  }

  static func signature(_ jws: CompactJWS, _ key: JSONWebKey) throws(Refusal) {
    do throws(JOSEFault) { try jws.verify(with: key) } catch {
      if case .critical(let names) = error { throw .bearer(.criticalHeader(names.map { Excerpt($0) })) }
      if case .headerMember(let name) = error { throw .bearer(.criticalHeader([Excerpt(name)])) }
      throw .bearer(.signatureInvalid(KeyID(key.kid ?? "")))
    }
  }

  /// RFC 9068 §4: with or without `application/`.
  static func type(_ header: JOSEHeader) throws(Refusal) {
    let type = header.type?.lowercased()
    guard type == Verify.accessTokenType || type == "application/" + Verify.accessTokenType else {
      throw .bearer(.typeWrong(Excerpt(header.type ?? "(absent)"), expected: Excerpt(Verify.accessTokenType)))
    }
  }

  static func claims(_ jws: CompactJWS) throws(Refusal) -> Claims {
    do throws(JOSEFault) { return try Claims(payload: jws.payload) } catch {
      if case .claimMalformed(let name) = error { throw .bearer(.claimMissing(ParameterName(name))) }
      throw .bearer(.claimMissing("payload"))
    }
  }

  static func issuer(_ claims: Claims, _ issuer: String) throws(Refusal) {
    guard claims.issuer == issuer else {
      throw .bearer(.issuerUntrusted(Excerpt(claims.issuer ?? "(absent)"), trusted: Excerpt(issuer)))
    }
  }

  static func audience(_ token: AccessTokenFacts, _ audience: Audience) throws(Refusal) {
    guard token.audience.contains(audience) else {
      throw .bearer(.audienceMismatch(token.audience.map { Excerpt($0.value) }, expected: Excerpt(audience.value)))
    }
  }

  static func notBefore(_ token: AccessTokenFacts, _ leeway: Lifetime, _ now: Instant) throws(Refusal) {
    if let notBefore = token.notBefore, notBefore > now + leeway {
      throw .bearer(.notYetValid(until: notBefore, now: now))
    }
  }

  static func notExpired(_ token: AccessTokenFacts, _ now: Instant) throws(Refusal) {
    guard token.expiresAt > now else { throw .bearer(.expired(at: token.expiresAt, now: now)) }
  }

  static func notRevoked(_ standing: Standing) throws(Refusal) {
    switch standing {
    case .inForce, .clientDisabled: return
    case .revoked(let by, let at):
      switch by {
      case .client: throw .bearer(.revokedByClient(at: at))
      case .operator: throw .bearer(.revokedByOperator(at: at))
      case .person: throw .bearer(.revokedByPerson(at: at))
      case .containment: throw .bearer(.revokedByContainment(family: nil, at: at))
      }
    // Whoever else closes a grant leaves a note of it; this one ended when its person signed out.
    case .grantClosed(let at): throw .bearer(.revokedByPerson(at: at))
    case .familyClosed(let family, let at): throw .bearer(.revokedByContainment(family: family, at: at))
    }
  }

  static func clientEnabled(_ token: AccessTokenFacts, _ standing: Standing) throws(Refusal) {
    if case .clientDisabled = standing { throw .bearer(.clientDisabled(token.client)) }
  }
}
