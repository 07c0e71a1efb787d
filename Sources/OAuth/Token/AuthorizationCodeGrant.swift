import Catalogue
import Dialects
import Vocabulary

/// A code is exchanged for tokens, once. RFC 6749 §4.1.3, RFC 7636 §4.5, RFC 9700 §2.1.1.
///
///     form · known · its client's · unused · in time · not withdrawn · same address · proof key
///
/// A second exchange withdraws what the first gave (see `Refusal.consequences`), but only for the client that
/// holds the code: others could otherwise end a grant by guessing.
enum AuthorizationCodeGrant {
  static func decide(
    _ request: TokenRequest, _ facts: TokenFacts, client: Client, now: Instant,
    random: inout some RandomNumberGenerator, trail: inout Trail
  ) throws(Refusal) -> Decision<Issuance> {
    try trail.check(.grantPresented) { () throws(Refusal) in
      guard let text = request.form["code"] else { throw .request(.tokenParameterMissing("code")) }
      if let rule = request.contract.authorization, rule.exactForm, !TokenText.has(form: rule.codeForm, text) {
        throw .grant(.codeMalformed(Echo(text)))
      }
    }
    let found = try trail.check(.grantFound) { () throws(Refusal) in
      guard let code = facts.code, code.record.contract == Excerpt(request.contract.name) else {
        throw .grant(.codeUnknown)
      }
      return code
    }
    let code = found.record
    try trail.check(.grantHeldByClient) { () throws(Refusal) in
      guard code.client == client.id else {
        throw .grant(.codeClientMismatch(holder: code.client, presenter: client.id))
      }
    }
    try trail.check(.grantCurrent) { () throws(Refusal) in
      if let usedAt = code.usedAt { throw .grant(.codeReused(code.grant, firstAt: usedAt)) }
    }
    try trail.check(.grantInForce) { () throws(Refusal) in
      if code.expiresAt <= now { throw .grant(.codeExpired(code.grant, at: code.expiresAt)) }
      if let closedAt = facts.grantClosedAt { throw .grant(.codeWithdrawn(code.grant, at: closedAt)) }
    }
    try checkAddress(code, request)
    try checkProofKey(code, request, client)
    var used = code
    used.usedAt = now
    var issuing = Issuing(
      request: request, client: client.id, subject: code.subject, scopes: code.scopes, details: code.details,
      audience: code.audience, now: now, grant: code.grant)
    issuing.changes.append(.replaceCode(used, expecting: found.version))
    if client.grants.contains(.refreshToken), let rule = request.contract.refreshToken {
      issuing.openFamily(rule, grant: code.grant, random: &random)
    }
    if code.scopes.list.contains(where: { $0.name == "openid" }) {
      issuing.identity = Identity(nonce: code.nonce, authenticatedAt: code.authenticatedAt)
    }
    return issuing.decision(random: &random, trail: trail)
  }

  /// RFC 6749 §4.1.3: named then, named again, and the same.
  private static func checkAddress(_ code: AuthorizationCodeRecord, _ request: TokenRequest) throws(Refusal) {
    guard let expected = code.redirectURI else { return }
    let seen = request.form["redirect_uri"] ?? ""
    guard seen == expected.value else {
      throw .grant(.redirectURIMismatch(Echo(seen), expected: Excerpt(expected.value)))
    }
  }

  /// A verifier without a challenge is refused, too: a downgrade would look just so (RFC 9700 §4.8.2).
  private static func checkProofKey(
    _ code: AuthorizationCodeRecord, _ request: TokenRequest, _ client: Client
  ) throws(Refusal) {
    switch (code.challenge, request.form["code_verifier"]) {
    case (nil, nil): return
    case (nil, _?): throw .grant(.verifierUnexpected(client: client.id))
    case (_?, nil): throw .grant(.verifierMissing(client: client.id))
    case (let challenge?, let verifier?):
      guard ProofKey.isVerifier(verifier), ProofKey.challenge(of: verifier) == challenge.value else {
        throw .grant(.verifierMismatch(client: client.id))
      }
    }
  }
}
