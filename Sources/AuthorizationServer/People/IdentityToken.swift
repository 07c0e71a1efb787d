import Catalogue
import JOSE
import OAuth
import StrictJSON
import Vocabulary

/// ID tokens (OpenID Connect Core §2, §3.1.3.6): RS256, which every relying party knows.
struct IdentityToken {
  let issuer: Issuer

  static let algorithm = "RS256"
  static let type = "JWT"
  static let lifetime = Lifetime(clamping: 3600)

  func sign(
    _ identity: Identity, _ facts: AccessTokenFacts, accessToken: Secret, now: Instant
  ) throws(Refusal) -> Secret {
    guard let key = issuer.snapshot.keys.signingKey(Self.algorithm) else {
      throw .service(.signingKeyAbsent(Excerpt(Self.algorithm)))
    }
    var members: [JSON.Member] = [
      .init("iss", .string(issuer.url)), .init("sub", .string(facts.subject.value)),
      .init("aud", .string(facts.client.value)),
      .init("exp", .integer((now + Self.lifetime).secondsSince1970)),
      .init("iat", .integer(now.secondsSince1970)),
      .init("auth_time", .integer(identity.authenticatedAt.secondsSince1970)),
      // The left half of the access token's hash (§3.1.3.6).
      .init("at_hash", .string(Base64URL.encode(Array(SHA256Hash.digest(of: accessToken.utf8).prefix(16))))),
    ]
    let context = issuer.authenticationContext
    members.append(.init("acr", .string(context.acr)))
    members.append(.init("amr", .array(context.amr.map { .string($0) })))
    if let session = identity.session { members.append(.init("sid", .string(session.value))) }
    members += identity.claims
    if let nonce = identity.nonce { members.append(.init("nonce", .string(nonce.value))) }
    guard let token = try? key.sign(payload: JSON.object(members).bytes, type: Self.type) else {
      throw .service(.fault(Excerpt("an ID token could not be signed with key \(key.kid)")))
    }
    return Secret(token)
  }

  struct Hint {
    let subject: String
    let client: String
  }

  /// Of an ID token of ours, expired or not (OpenID Connect RP-Initiated Logout §4).
  func subject(ofHint text: String) -> Hint? {
    guard let token = try? CompactJWS(parsing: text), token.header.type == Self.type,
      let key = token.header.keyID.flatMap({ issuer.snapshot.keys.notWithdrawn($0) }),
      (try? token.verify(with: key)) != nil,
      let claims = try? JSON(parsing: token.payload), claims["iss"]?.string == issuer.url,
      let subject = claims["sub"]?.string, let client = claims["aud"]?.string
    else { return nil }
    return Hint(subject: subject, client: client)
  }

  /// Whether a hint names this account, by the name that the client it was made for knows (§8).
  func names(_ account: SubjectID, _ hint: Hint) -> Bool {
    issuer.name(of: account, for: ClientID(hint.client))?.value == hint.subject
  }
}
