import Catalogue
import Dialects
import Vocabulary

/// A code is exchanged for tokens, once. RFC 6749 §4.1.3, RFC 7636 §4.5, RFC 9700 §2.1.1.
///
///     form · known · its client's · unused · in time · not withdrawn · session not ended · same address · proof key
///
/// A second exchange withdraws what the first gave (see `Refusal.consequences`), but only for the client that
/// holds the code: others could otherwise end a grant by guessing.
enum AuthorizationCodeGrant {
  static func decide(
    _ request: TokenRequest, _ facts: TokenFacts, client: Client, now: Instant,
    random: inout some RandomNumberGenerator, trail: inout Trail
  ) throws(Refusal) -> Decision<Issuance> {
    try trail.check(.grantPresented) { () throws(Refusal) in try checkForm(request) }
    let found = try trail.check(.grantFound) { () throws(Refusal) in try checkKnown(request, facts) }
    let code = found.record
    try trail.check(.grantHeldByClient) { () throws(Refusal) in try checkHolder(code, client) }
    try trail.check(.grantCurrent) { () throws(Refusal) in try checkUnused(code) }
    try trail.check(.grantInForce) { () throws(Refusal) in try checkInForce(code, facts, now) }
    try trail.check(.redirectAddressSame) { () throws(Refusal) in try checkAddress(code, request) }
    try trail.check(.proofKeyHeld) { () throws(Refusal) in try checkProofKey(code, request, client) }
    var used = code
    used.usedAt = now
    used.usedBy = request.trace
    var issuing = Issuing(
      request: request, client: client.id, subject: code.subject, scopes: code.scopes, details: code.details,
      audience: code.audience, now: now, subjectName: facts.subjects.name(of: code.subject, for: client),
      grant: code.grant)
    issuing.changes.append(.replaceCode(used, expecting: found.version))
    if client.grants.contains(.refreshToken), let rule = request.contract.refreshToken {
      issuing.openFamily(rule, grant: code.grant, random: &random)
    }
    if code.scopes.list.contains(where: { $0.name == "openid" }) {
      issuing.identity = Identity(
        nonce: code.nonce, authenticatedAt: code.authenticatedAt, session: code.sessionName,
        claims: code.identityClaims)
    }
    return issuing.decision(random: &random, trail: trail)
  }

  static func checkForm(_ request: TokenRequest) throws(Refusal) {
    guard let text = request.form["code"] else { throw .request(.tokenParameterMissing("code")) }
    if let rule = request.contract.authorization, rule.exactForm, !TokenText.has(form: rule.codeForm, text) {
      throw .grant(.codeMalformed(Echo(text)))
    }
  }

  static func checkKnown(
    _ request: TokenRequest, _ facts: TokenFacts
  ) throws(Refusal) -> Versioned<AuthorizationCodeRecord> {
    guard let code = facts.code, code.record.contract == Excerpt(request.contract.name) else {
      throw .grant(.codeUnknown)
    }
    return code
  }

  static func checkHolder(_ code: AuthorizationCodeRecord, _ client: Client) throws(Refusal) {
    guard code.client == client.id else {
      throw .grant(.codeClientMismatch(holder: code.client, presenter: client.id))
    }
  }

  static func checkUnused(_ code: AuthorizationCodeRecord) throws(Refusal) {
    if let usedAt = code.usedAt { throw .grant(.codeReused(code.grant, firstAt: usedAt)) }
  }

  static func checkInForce(_ code: AuthorizationCodeRecord, _ facts: TokenFacts, _ now: Instant) throws(Refusal) {
    if code.expiresAt <= now { throw .grant(.codeExpired(code.grant, at: code.expiresAt)) }
    if let closedAt = facts.grantClosedAt { throw .grant(.codeWithdrawn(code.grant, at: closedAt)) }
    if let endedAt = facts.sessionEndedAt { throw .grant(.codeSessionEnded(code.grant, at: endedAt)) }
  }

  /// RFC 6749 §4.1.3: named then, named again, and the same.
  static func checkAddress(_ code: AuthorizationCodeRecord, _ request: TokenRequest) throws(Refusal) {
    guard let expected = code.redirectURI else { return }
    let seen = request.form["redirect_uri"] ?? ""
    guard seen == expected.value else {
      throw .grant(.redirectURIMismatch(Echo(seen), expected: Excerpt(expected.value)))
    }
  }

  /// A verifier without a challenge is refused, too: a downgrade would look just so (RFC 9700 §4.8.2).
  static func checkProofKey(
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
