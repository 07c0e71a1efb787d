import Catalogue
import Dialects
import JOSE
import Vocabulary

extension Examination {
  /// Every check of a code's exchange, each by itself (RFC 6749 §4.1.3, RFC 7636 §4.6).
  mutating func exchange(_ request: TokenRequest, _ facts: TokenFacts, _ client: Client?, _ now: Instant) {
    let isPresented: Void? = check(.grantPresented, source: "contract \(request.contract.name): authorization") {
      () throws(Refusal) in try AuthorizationCodeGrant.checkForm(request)
    }
    foreign(request, facts)
    if isPresented == nil || (request.form["code"] ?? "").isEmpty {
      return skip(
        .grantFound, .grantHeldByClient, .grantCurrent, .grantInForce, .redirectAddressSame, .proofKeyHeld,
        because: "there is no code that could be looked up")
    }
    let found = check(.grantFound, source: "the store") { () throws(Refusal) in
      try AuthorizationCodeGrant.checkKnown(request, facts)
    }
    guard let code = found?.record else {
      return skip(
        .grantHeldByClient, .grantCurrent, .grantInForce, .redirectAddressSame, .proofKeyHeld,
        because: "the code is not known")
    }
    note("grant", code.grant.value)
    let source = "grant \(code.grant)"
    if let client {
      check(.grantHeldByClient, source: source) { () throws(Refusal) in
        try AuthorizationCodeGrant.checkHolder(code, client)
      }
      check(.proofKeyHeld, source: "the authorization request of " + source) { () throws(Refusal) in
        try AuthorizationCodeGrant.checkProofKey(code, request, client)
      }
    } else {
      skip(.grantHeldByClient, .proofKeyHeld, because: "the client is not known")
    }
    let isUnused: Void? = check(.grantCurrent, source: source) { () throws(Refusal) in
      try AuthorizationCodeGrant.checkUnused(code)
    }
    if isUnused == nil { skip(.grantInForce, because: "the second use ended the grant") }
    if isUnused != nil { inForce(code, facts, now) }
    check(.redirectAddressSame, source: "the authorization request of " + source) { () throws(Refusal) in
      try AuthorizationCodeGrant.checkAddress(code, request)
    }
    resemblesAddress(request.form["redirect_uri"], code)
    resemblesVerifier(request.form["code_verifier"], code)
  }

  /// A code of another contract's endpoint.
  private mutating func foreign(_ request: TokenRequest, _ facts: TokenFacts) {
    if let code = facts.code?.record, code.contract != Excerpt(request.contract.name) {
      notice(
        "it is an authorization code of the contract \(code.contract), presented at the endpoint of \(request.contract.name)"
      )
    }
  }

  private mutating func inForce(_ code: AuthorizationCodeRecord, _ facts: TokenFacts, _ now: Instant) {
    check(.grantInForce, source: "grant \(code.grant)", shows: "until \(code.expiresAt)") { () throws(Refusal) in
      try AuthorizationCodeGrant.checkInForce(code, facts, now)
    }
  }

  private mutating func resemblesAddress(_ seen: String?, _ code: AuthorizationCodeRecord) {
    guard let expected = code.redirectURI?.value else { return }
    guard let seen, !seen.isEmpty else {
      return notice("redirect_uri is missing; the authorization request named it, so the exchange must, too")
    }
    if seen != expected {
      note("redirect_uri", seen)
      notice(Resemblance.placeholder(seen).map { "redirect_uri: " + $0 })
      notice(Resemblance.between(seen, expected, "the one of the authorization request").map { "redirect_uri " + $0 })
    }
  }

  /// The usual ways to make a challenge wrongly.
  private mutating func resemblesVerifier(_ seen: String?, _ code: AuthorizationCodeRecord) {
    guard let seen, let challenge = code.challenge?.value, ProofKey.challenge(of: seen) != challenge else { return }
    note("code_verifier", "\(seen.utf8.count) characters")
    if seen == challenge {
      return notice("the verifier is the challenge itself: the client used `plain`, or sent back what it had hashed")
    }
    if !ProofKey.isVerifier(seen) {
      notice(
        "the verifier has \(seen.utf8.count) characters or signs outside A-Z a-z 0-9 - . _ ~; 43 to 128 are wanted (RFC 7636 §4.1)"
      )
    }
    for (variant, how) in SecretResemblance.variants(of: seen) where ProofKey.challenge(of: variant) == challenge {
      notice("\(how) it is the right verifier")
    }
    for (meant, how) in [(seen + "\n", "a newline after it"), ("\"\(seen)\"", "quotation marks around it")]
    where ProofKey.challenge(of: meant) == challenge {
      notice("the challenge was made of the verifier with \(how)")
    }
    let digest = SHA256Hash.digest(of: seen.utf8)
    let hexadecimal = digest.map { byte in
      let text = String(byte, radix: 16)
      return text.utf8.count == 1 ? "0" + text : text
    }.joined()
    if Base64URL.encode(Array(hexadecimal.utf8)) == challenge || hexadecimal.hasPrefix(challenge) {
      notice("the challenge was made of the hexadecimal text of the hash, not of its bytes")
    }
    if Base64URL.encode(SHA512Hash.digest(of: seen.utf8)).hasPrefix(challenge) {
      notice("the challenge was made by SHA-512; S256 is SHA-256 (RFC 7636 §4.2)")
    }
    if let bytes = Base64URL.decode(seen.utf8), Base64URL.encode(SHA256Hash.digest(of: bytes)) == challenge {
      notice("the challenge was made of the verifier's decoded bytes, not of its text")
    }
  }
}
