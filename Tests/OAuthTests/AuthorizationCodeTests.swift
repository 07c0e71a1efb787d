import Catalogue
import Dialects
import JOSE
import OAuth
import StrictJSON
import Testing
import Vocabulary

@Suite("RFC 6749 §4.1.3 Exchanging a code")
struct AuthorizationCodeTests {
  static let now = Instant(secondsSince1970: 1_800_000_000)
  static let code = Secret("dwc_" + String(repeating: "k", count: 43))
  static let verifier = String(repeating: "v", count: 43)

  static func client(_ id: String = "c") -> Client {
    Client(
      id: ClientID(id), name: "c", secrets: [], methods: [.none], grants: [.authorizationCode, .refreshToken],
      scopes: Scopes(parsing: "a") ?? .none, createdAt: now)
  }

  static func record(usedAt: Instant? = nil) -> AuthorizationCodeRecord {
    AuthorizationCodeRecord(
      digest: TokenText.digest(code), grant: GrantID("g"), contract: "oauth", client: ClientID("c"),
      subject: SubjectID("s"), scopes: Scopes(parsing: "a") ?? .none, details: [], audience: [Audience("x")],
      redirectURI: try? RedirectURI("https://a.example/cb"), challenge: CodeChallenge(ProofKey.challenge(of: verifier)),
      nonce: nil, authenticatedAt: now, expiresAt: now + Lifetime(clamping: 60), usedAt: usedAt)
  }

  func decide(
    _ record: AuthorizationCodeRecord?, client: Client = client(), at moment: Instant = now, closed: Instant? = nil,
    sessionEnded: Instant? = nil, _ changes: [String: String?] = [:]
  ) throws -> Decision<Issuance> {
    let contract = try #require(Contract.bundled("oauth"))
    var pairs: [String: String] = [
      "grant_type": "authorization_code", "code": Self.code.reveal(), "client_id": client.id.value,
      "redirect_uri": "https://a.example/cb", "code_verifier": Self.verifier,
    ]
    for (name, value) in changes { pairs[name] = value }
    let request = TokenRequest(
      endpoint: try #require(contract.tokenEndpoints.first), contract: contract,
      form: Form(pairs.map { ($0.key, $0.value) }), authorization: [])
    let facts = TokenFacts(
      client: client, code: record.map { Versioned($0, version: 1, closedAt: nil) }, grantClosedAt: closed,
      sessionEndedAt: sessionEnded, subjects: SubjectNaming(salt: [1]), apis: [],
      fixedAudience: nil, issuer: Audience("i"))
    var random = SystemRandomNumberGenerator()
    return Token.decide(request, facts, now: moment, random: &random)
  }

  func refusal(_ decision: Decision<Issuance>) -> String? {
    guard case .failure(let refusal) = decision.outcome else { return nil }
    return refusal.area.name.rawValue
  }

  @Test func `the right code, address and verifier give tokens, and use the code up`() throws {
    let decision = try decide(Self.record())
    let issuance = try decision.outcome.get()
    #expect(issuance.refreshToken != nil)
    #expect(
      decision.changes.contains { change in
        if case .replaceCode(let record, expecting: 1) = change { return record.usedAt == Self.now }
        return false
      })
  }

  @Test func `a second exchange is refused and withdraws what the first gave`() throws {
    let decision = try decide(Self.record(usedAt: Self.now))
    #expect(refusal(decision) == "code_reused")
    #expect(decision.changes.first == .closeGrant(GrantID("g"), at: Self.now))
    #expect(decision.changes.count == 2)
  }

  @Test func `another client's attempt ends nothing`() throws {
    let decision = try decide(Self.record(usedAt: Self.now), client: Self.client("other"))
    #expect(refusal(decision) == "code_client_mismatch")
    #expect(decision.changes.isEmpty)
  }

  @Test(
    arguments: [
      ("code_verifier", nil, "code_verifier_missing"), ("code_verifier", "short", "code_verifier_mismatch"),
      ("code_verifier", String(repeating: "w", count: 43), "code_verifier_mismatch"),
      ("redirect_uri", nil, "code_redirect_uri_mismatch"),
      ("redirect_uri", "https://a.example/cb/", "code_redirect_uri_mismatch"),
    ] as [(String, String?, String)])
  func `what does not fit is refused, and the code is not used up`(
    _ name: String, _ value: String?, _ expected: String
  ) throws {
    let decision = try decide(Self.record(), [name: value])
    #expect(refusal(decision) == expected)
    #expect(decision.changes.isEmpty)
  }

  @Test func `a code that is over, withdrawn or unknown is refused`() throws {
    #expect(refusal(try decide(Self.record(), at: Self.now + Lifetime(clamping: 60))) == "code_expired")
    #expect(refusal(try decide(Self.record(), closed: Self.now)) == "code_withdrawn")
    #expect(refusal(try decide(Self.record(), sessionEnded: Self.now)) == "code_session_ended")
    #expect(refusal(try decide(nil)) == "code_unknown")
  }

  @Test func `a thing may be shared with fewer scopes than the token has`() {
    let scopes = Scopes(parsing: "read write") ?? .none
    let token = AccessTokenFacts(
      id: TokenID("t"), client: ClientID("c"), subject: SubjectID("s"), scopes: scopes,
      details: [AuthorizationDetail(type: "vehicle", identifier: "1", privileges: Scopes(parsing: "read") ?? .none)],
      audience: [], grant: nil, family: nil, issuedAt: Self.now, expiresAt: Self.now)
    let car = AuthorizationDetail(type: "vehicle", identifier: "1")
    #expect(Requirement(scopes: Scopes(parsing: "read") ?? .none, resource: car).permits(token) == nil)
    #expect(
      Requirement(scopes: scopes, resource: car).permits(token) == .privilege(held: Scopes(parsing: "read") ?? .none))
  }
}

@Suite("RFC 9068 §4 Verifying an access token in JWT form")
struct AccessTokenTests {
  private func verify(type: String, without missing: String?) throws -> String? {
    let key = try SigningKey.generate(.es256)
    let members = [
      JSON.Member("iss", "i"), JSON.Member("sub", "s"), JSON.Member("aud", "x"), JSON.Member("exp", 1_900_000_000),
      JSON.Member("iat", 1_800_000_000), JSON.Member("jti", "t"), JSON.Member("client_id", "c"),
    ].filter { $0.name != missing }
    let token = try key.sign(payload: JSON.object(members).bytes, type: type)
    var trail = Trail()
    do throws(Refusal) {
      _ = try Verify.genuine(
        Secret(token), AccessTokenRule(form: .jwt, algorithm: "ES256", lifetime: Lifetime(clamping: 60)),
        VerificationFacts(
          issuer: "i", audience: Audience("x"), keys: JSONWebKeySet(keys: [key.publicKey]), stored: nil),
        trail: &trail)
      return nil
    } catch { return error.area.name.rawValue }
  }

  @Test func `a genuine one is taken`() throws { #expect(try verify(type: "at+jwt", without: nil) == nil) }

  @Test(arguments: ["JWT", "id_token+jwt", "logout+jwt"])
  func `a token of another purpose is refused by its type`(_ type: String) throws {
    #expect(try verify(type: type, without: nil) == "token_type_wrong")
  }

  @Test(arguments: ["sub", "exp", "iat", "jti", "client_id"])
  func `a claim that is missing is named`(_ name: String) throws {
    #expect(try verify(type: "at+jwt", without: name) == "token_claim_missing")
  }
}
