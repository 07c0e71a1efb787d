import Catalogue
public import Dialects
import JOSE
import StrictJSON
public import Vocabulary

/// What was presented at an API, and what it is held against.
public struct PresentedAccess: Sendable {
  public let authorization: [String]
  public let query: Form?
  public let contract: Contract
  public let facts: VerificationFacts
  /// Whether it must be for the audience among the facts; elsewhere any token of the issuer is taken.
  public let isBound: Bool
  /// Where the API's audience stands: a line of the configuration.
  public let origin: String
  /// Keys that have left the published set, and when each stopped signing.
  public let retired: [KeyID: Instant]

  public init(
    authorization: [String], query: Form?, contract: Contract, facts: VerificationFacts, isBound: Bool,
    origin: String,
    retired: [KeyID: Instant]
  ) {
    self.authorization = authorization
    self.query = query
    self.contract = contract
    self.facts = facts
    self.isBound = isBound
    self.origin = origin
    self.retired = retired
  }
}

extension Examination {
  /// Every check of an access token, each by itself (RFC 6750 §2, RFC 9068 §4, RFC 8725).
  /// - Returns: what the token says, even where its signature does not verify.
  public mutating func accessToken(
    _ seen: PresentedAccess, standing: (AccessTokenFacts) -> Standing, leeway: Lifetime, now: Instant
  ) -> AccessTokenFacts? {
    let contract = seen.contract
    let rule = contract.credential
    for words in CredentialResemblance.notices(header: seen.authorization.first, rule) { notice(words) }
    let token = check(.credentialParsed, source: "contract \(contract.name): credential") {
      () throws(Refusal) in
      try PresentedToken.extract(rule, authorization: seen.authorization, query: seen.query).token
    }
    guard let token else {
      skip(.tokenForm, .notExpired, .scopeSufficient, because: "no token could be read")
      return nil
    }
    append(ExaminedCheck(.credentialPresented, .pass))
    let wanted = contract.accessToken
    if wanted.form != .jwt || !TokenText.has(form: .jwt, token.reveal()) {
      notice(
        CredentialResemblance.kind(
          token.reveal(), wanted: wanted.form == .opaque ? TokenText.accessPrefix : "", form: wanted.form))
      for words in CredentialResemblance.oddities(token.reveal()) { notice(words) }
    }
    let facts = wanted.form == .jwt ? signed(token, seen, now) : stored(token, seen)
    guard let facts else { return nil }
    note("client_id", facts.client.value)
    note("grant", facts.grant?.value)
    note("family", facts.family?.value)
    note("scope", facts.scopes.description)
    judge(facts, seen, standing(facts), leeway, now)
    return facts
  }

  private mutating func stored(_ token: Secret, _ seen: PresentedAccess) -> AccessTokenFacts? {
    let rule = seen.contract.accessToken
    note("kind", rule.form.rawValue)
    let isFormed: Void? = check(.tokenForm, source: "contract \(seen.contract.name): access_token") {
      () throws(Refusal) in try TokenChecks.form(token, rule)
    }
    if isFormed == nil {
      skip(.tokenKnown, because: "it has not the form of a token")
      return nil
    }
    return check(.tokenKnown, source: "the store") { () throws(Refusal) in try TokenChecks.known(seen.facts.stored) }
  }

  private mutating func signed(_ token: Secret, _ seen: PresentedAccess, _ now: Instant) -> AccessTokenFacts? {
    let contract = "contract \(seen.contract.name): access_token"
    note("kind", "jwt")
    let parsed = check(.tokenForm, source: contract) { () throws(Refusal) in try TokenChecks.parsed(token) }
    guard let jws = parsed else {
      signatureLength(of: token.reveal())
      return nil
    }
    note("alg", jws.header.algorithmName)
    note("kid", jws.header.keyID)
    note("typ", jws.header.type)
    let rule = seen.contract.accessToken
    let isAllowed: Void? = check(.algorithmAllowed, source: contract, shows: jws.header.algorithmName) {
      () throws(Refusal) in
      try TokenChecks.algorithm(jws.header, rule)
    }
    if jws.header.algorithmName.uppercased().hasPrefix("HS") {
      notice(
        "\(Excerpt(jws.header.algorithmName)) signs with a shared secret; this server signs with its own keys alone")
    }
    if jws.header.algorithmName.lowercased() == "none" {
      notice("the token is not signed at all (alg none, RFC 8725 §2.1)")
    }
    let key = check(.keyKnown, source: "signing keys", shows: jws.header.keyID ?? "") { () throws(Refusal) in
      try TokenChecks.key(jws.header, seen.facts.keys)
    }
    if isAllowed == nil {
      skip(.signatureValid, because: "its algorithm is not taken")
    } else if let key {
      check(.signatureValid, source: "key \(key.kid ?? "")") { () throws(Refusal) in
        try TokenChecks.signature(jws, key)
      }
    } else {
      skip(.signatureValid, because: "its key is not known")
      resemblesKey(jws.header.keyID, seen)
    }
    signatureLength(jws)
    check(.typeAccepted, source: "RFC 9068 §2.1", shows: jws.header.type ?? "") { () throws(Refusal) in
      try TokenChecks.type(jws.header)
    }
    let claims = check(.payloadRead) { () throws(Refusal) in try TokenChecks.claims(jws) }
    if claims == nil { unreadable(jws.payload) }
    guard let claims else { return nil }
    tell(claims, jws.header, now)
    check(.issuerTrusted, source: "the issuer of this server", shows: claims.issuer ?? "") {
      () throws(Refusal) in try TokenChecks.issuer(claims, seen.facts.issuer)
    }
    if let issuer = claims.issuer {
      notice(Resemblance.between(issuer, seen.facts.issuer, "our issuer").map { "iss " + $0 })
    }
    for name in ["jti", "client_id", "sub", "iat", "exp"] where claims[name] == nil {
      notice("the claim \(name) is absent")
    }
    return check(.claimsPresent, source: "RFC 9068 §2.2") { () throws(Refusal) in try AccessTokenFacts(claims) }
  }

  private mutating func unreadable(_ payload: [UInt8]) {
    guard let json = try? JSON(parsing: payload) else { return notice("the payload is not JSON, or repeats a claim") }
    guard let members = json.members else { return notice("the payload is no JSON object") }
    if let audience = json["aud"], audience.string == nil, audience.array == nil {
      notice("the claim aud is of the type \(audience.kind) where a string or a list of them belongs")
    }
    let wanted = ["iss": "string", "sub": "string", "jti": "string", "exp": "number", "nbf": "number", "iat": "number"]
    for member in members {
      guard let kind = wanted[member.name], "\(member.value.kind)" != kind else { continue }
      notice("the claim \(member.name) is of the type \(member.value.kind) where a \(kind) belongs")
    }
  }

  private mutating func tell(_ claims: Claims, _ header: JOSEHeader, _ now: Instant) {
    note("iss", claims.issuer)
    note("aud", claims.audience.isEmpty ? nil : claims.audience.joined(separator: " "))
    note("jti", claims.id)
    for (name, time) in [("iat", claims.issuedAt), ("nbf", claims.notBefore), ("exp", claims.expiresAt)] {
      note(name, time.map { Self.time($0) })
      if let time, time > 100_000_000_000 {
        notice("\(name) \(time) is in milliseconds; seconds are meant (RFC 7519 §2)")
      }
    }
    if let issuedAt = claims.issuedAt {
      let ahead = Instant(secondsSince1970: issuedAt).seconds(since: now)
      if ahead > 0 { notice("iat is \(ahead) s ahead of us: one of the two clocks is wrong") }
      if let expires = claims.expiresAt, expires < issuedAt { notice("exp lies before iat") }
    }
    if let scope = claims["scope"], scope.string == nil {
      notice(
        "the claim scope is of the type \(scope.kind), an array perhaps; a string with spaces belongs there (RFC 8693 §4.2)"
      )
    }
    if claims["scope"]?.string?.contains(",") == true {
      notice("the claim scope has commas; scopes are separated by spaces (RFC 6749 §3.3)")
    }
    let isIdentity = claims["at_hash"] != nil || claims["nonce"] != nil || claims["auth_time"] != nil
    if isIdentity, header.type?.lowercased() != Verify.accessTokenType {
      notice("it is an ID token, which is for the application; APIs take the access token (OpenID Connect Core §2)")
    }
    if claims["events"] != nil { notice("it is a logout or event token, not an access token") }
  }

  static func time(_ seconds: Int64) -> JSON {
    (-62_135_596_800...253_402_300_799).contains(seconds)
      ? .string(Instant(secondsSince1970: seconds).description) : .integer(seconds)
  }

  private mutating func signatureLength(_ jws: CompactJWS) {
    let wanted = ["ES256": 64, "EdDSA": 64, "RS256": 256][jws.header.algorithmName]
    if let wanted, jws.signature.count < wanted {
      notice(
        "the signature has \(jws.signature.count) bytes where \(jws.header.algorithmName) has \(wanted): the token was cut off"
      )
    }
    if jws.signature.count == 32, jws.header.algorithmName.hasPrefix("HS") {
      notice("it is signed with a shared secret; this server signs with keys (RFC 8725 §2.1)")
    }
  }

  /// Of a token that cannot be read as a whole: its header may still say how long the signature should be.
  mutating func signatureLength(of text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let bytes = Base64URL.decode(parts[0].utf8), let header = try? JSON(parsing: bytes),
      let wanted = ["ES256": 86, "EdDSA": 86, "RS256": 342][header["alg"]?.string ?? ""]
    else { return }
    note("alg", header["alg"]?.string)
    note("kid", header["kid"]?.string)
    if parts[2].utf8.count != wanted {
      notice(
        "the signature part has \(parts[2].utf8.count) characters where \(header["alg"]?.string ?? "") has \(wanted): "
          + (parts[2].utf8.count < wanted ? "the token was cut off" : "something was added to the token"))
    }
  }

  private mutating func resemblesKey(_ kid: String?, _ seen: PresentedAccess) {
    guard let kid else { return notice("the token names no key (kid)") }
    if let at = seen.retired[KeyID(kid)] {
      return notice("key \(Excerpt(kid)) was ours: it was retired at \(at) and is no longer published")
    }
    let known = seen.facts.keys.keys.compactMap(\.kid)
    notice(Resemblance.among(kid, known, "the key").map { "kid " + $0 })
  }

  /// What depends on the moment and the API.
  private mutating func judge(
    _ facts: AccessTokenFacts, _ seen: PresentedAccess, _ standing: Standing, _ leeway: Lifetime, _ now: Instant
  ) {
    if seen.isBound { audience(facts, seen) }
    check(.notBefore, source: "token claim nbf") { () throws(Refusal) in try TokenChecks.notBefore(facts, leeway, now) }
    check(.notExpired, source: "token claim exp", shows: "\(facts.expiresAt)") { () throws(Refusal) in
      try TokenChecks.notExpired(facts, now)
    }
    check(.notRevoked, source: "the store") { () throws(Refusal) in try TokenChecks.notRevoked(standing) }
    check(.clientEnabled, source: "registration of client \(facts.client)") { () throws(Refusal) in
      try TokenChecks.clientEnabled(facts, standing)
    }
  }

  private mutating func audience(_ facts: AccessTokenFacts, _ seen: PresentedAccess) {
    let names = facts.audience.map(\.value)
    check(.audienceHere, source: seen.origin, shows: names.joined(separator: " ")) { () throws(Refusal) in
      try TokenChecks.audience(facts, seen.facts.audience)
    }
    for name in names where !facts.audience.contains(seen.facts.audience) {
      notice(Resemblance.between(name, seen.facts.audience.value, "this API's audience").map { "aud " + $0 })
    }
  }
}
