import Dialects
import OAuth
import Storage
import Vocabulary

/// What a text is, whatever it was presented as: found by its digest, and by the digests of what it would be without
/// one of the usual accidents.
struct CredentialIdentity {
  let issuer: Issuer

  enum Kind: String {
    case accessToken = "access token"
    case refreshToken = "refresh token"
    case code = "authorization code"
  }

  func accessToken(_ token: Secret) async -> AccessTokenRecord? {
    try? await issuer.store.read(AccessTokenRecord.self, TokenText.digest(token).hexadecimal)?.record
  }

  func notices(of text: String, wanted: Kind) async -> [String] {
    var notices: [String] = []
    if let found = await kind(Secret(text)), found.kind == wanted {
      notices.append("it is \(found.words), which is not taken here")
    } else if let found = await kind(Secret(text)) {
      notices.append(
        "it is \(found.words), where an \(wanted.rawValue) belongs".replacing("an refresh", with: "a refresh"))
    }
    for (variant, how) in SecretResemblance.variants(of: text) {
      guard let found = await kind(Secret(variant)) else { continue }
      notices.append("\(how) it is \(found.words)")
    }
    let digest = TokenText.digest(Secret(text))
    if let owner = issuer.snapshot.clients.first(where: { $0.secrets.contains { $0.digest == digest } }) {
      notices.append("it is the secret of client \(owner.id)")
    }
    if let owner = issuer.snapshot.client(ClientID(text)) { notices.append("it is the id of client \(owner.id)") }
    return notices
  }

  private func kind(_ secret: Secret) async -> (kind: Kind, words: String)? {
    let digest = TokenText.digest(secret).hexadecimal
    if let found = await accessToken(secret) {
      return (.accessToken, "an access token of client \(found.facts.client)")
    }
    if let found = try? await issuer.store.read(RefreshTokenRecord.self, digest)?.record {
      return (.refreshToken, "a refresh token of family \(found.family), generation \(found.generation)")
    }
    if let found = try? await issuer.store.read(AuthorizationCodeRecord.self, digest)?.record {
      return (.code, "an authorization code of client \(found.client), of the contract \(found.contract)")
    }
    guard TokenText.has(form: .jwt, secret.reveal()),
      case .access(let facts)? = try? TokenInspection(issuer: issuer).findNow(secret, now: Clock.now)
    else { return nil }
    return (.accessToken, "an access token of client \(facts.client)")
  }
}
