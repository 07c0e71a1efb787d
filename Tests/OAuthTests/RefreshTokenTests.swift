import Catalogue
import Dialects
import OAuth
import Testing
import Vocabulary

@Suite("RFC 6749 §6 Refreshing an access token, RFC 9700 §4.14 rotation")
struct RefreshTokenTests {
  static let now = Instant(secondsSince1970: 1_800_000_000)
  static let presented = Secret("0f8fad5b-d9cb-469f-a165-70867728950e")

  let client = Client(
    id: ClientID("c"), name: "c", secrets: [.init(digest: TokenText.digest(Secret("s")), createdAt: now)],
    methods: [.basic, .post], grants: [.refreshToken], scopes: Scopes(parsing: "a b") ?? .none, createdAt: now)

  func family(
    generation: Int64, rotated: Int64 = -1000, client: String = "c", expires: Int64 = 9999,
    contract: Excerpt = "smartcar-v2"
  ) -> TokenFamily {
    TokenFamily(
      id: FamilyID("f"), grant: GrantID("g"), contract: contract, client: ClientID(client), subject: SubjectID("u"),
      scopes: Scopes(parsing: "a b") ?? .none, details: [], audience: [Audience("x")], generation: generation,
      rotatedAt: Instant(secondsSince1970: Self.now.secondsSince1970 + rotated), salt: .zero, createdAt: Self.now,
      expiresAt: Instant(secondsSince1970: Self.now.secondsSince1970 + expires))
  }

  func decide(
    _ family: TokenFamily, presenting generation: Int64, form extra: [(String, String)] = [], closed: Instant? = nil
  ) throws -> Decision<Issuance> {
    let contract = try #require(Contract.bundled("smartcar-v2"))
    let endpoint = try #require(contract.tokenEndpoints.first)
    let request = TokenRequest(
      endpoint: endpoint, contract: contract,
      form: Form(
        [
          ("grant_type", "refresh_token"), ("refresh_token", Self.presented.reveal()), ("client_id", "c"),
          ("client_secret", "s"),
        ] + extra), authorization: [])
    let facts = TokenFacts(
      client: client,
      refresh: RefreshTokenRecord(
        digest: TokenText.digest(Self.presented), family: family.id, generation: generation, expiresAt: family.expiresAt
      ),
      family: Versioned(family, version: 7, closedAt: closed), subjects: SubjectNaming(salt: [1]), apis: [],
      fixedAudience: nil, issuer: Audience("i"))
    var random = SystemRandomNumberGenerator()
    return Token.decide(request, facts, now: Self.now, random: &random)
  }

  @Test func `the current generation rotates by compare and swap`() throws {
    let decision = try decide(family(generation: 3), presenting: 3)
    let issuance = try decision.outcome.get()
    #expect(issuance.refreshToken != nil)
    guard case .replaceFamily(let next, let version) = decision.changes.first else { return #expect(Bool(false)) }
    #expect(next.generation == 4)
    #expect(version == 7)
  }

  @Test func `inside the grace the same successor comes again and nothing rotates`() throws {
    let first = try decide(family(generation: 4, rotated: -59), presenting: 3)
    let second = try decide(family(generation: 4, rotated: -59), presenting: 3)
    #expect(try first.outcome.get().refreshToken == second.outcome.get().refreshToken)
    #expect(!first.changes.contains { if case .replaceFamily = $0 { true } else { false } })
  }

  @Test(arguments: [(Int64(4), Int64(-61), Int64(3)), (5, -1, 3)])
  func `a superseded token outside the grace revokes its family`(_ current: Int64, _ rotated: Int64, _ shown: Int64)
    throws
  {
    let family = family(generation: current, rotated: rotated)
    let decision = try decide(family, presenting: shown)
    let reused = Refusal.refreshToken(
      .reused(
        family: family.id, grant: family.grant, presented: shown, current: current, rotatedAt: family.rotatedAt,
        grace: Lifetime(clamping: 60)))
    #expect(throws: reused) { try decision.outcome.get() }
    #expect(
      decision.changes.prefix(2) == [.closeFamily(family.id, at: Self.now), .closeGrant(family.grant, at: Self.now)])
    guard decision.changes.count == 3, case .insertRevocation(let note) = decision.changes[2] else {
      Issue.record("nobody is told who closed it")
      return
    }
    #expect(note.by == .containment && note.token.value == family.grant.value)
    #expect(decision.trail.stoppedAt == .grantCurrent)
  }

  @Test func `another client's token is refused and nothing is changed`() throws {
    let decision = try decide(family(generation: 1, client: "other"), presenting: 1)
    #expect(throws: Refusal.refreshToken(.clientMismatch(holder: ClientID("other"), presenter: ClientID("c")))) {
      try decision.outcome.get()
    }
    #expect(decision.changes == [])
  }

  @Test func `a wider scope is refused before anything is consumed`() throws {
    let decision = try decide(family(generation: 1), presenting: 1, form: [("scope", "a c")])
    #expect(throws: Refusal.scope(.widened(Scopes(parsing: "c") ?? .none, granted: client.scopes))) {
      try decision.outcome.get()
    }
    #expect(decision.changes == [])
  }

  @Test func `an expired or revoked family is refused`() throws {
    let expired = family(generation: 1, expires: -1)
    #expect(throws: Refusal.refreshToken(.expired(family: expired.id, at: expired.expiresAt))) {
      try decide(expired, presenting: 1).outcome.get()
    }
    #expect(throws: Refusal.refreshToken(.familyRevoked(family: FamilyID("f"), at: Self.now))) {
      try decide(family(generation: 1), presenting: 1, closed: Self.now).outcome.get()
    }
  }

  @Test func `a token of another contract is unknown here, and nothing is changed`() throws {
    let decision = try decide(family(generation: 1, contract: "kordiam"), presenting: 1)
    #expect(throws: Refusal.refreshToken(.unknown)) { try decision.outcome.get() }
    #expect(decision.changes == [])
  }

  @Test func `a repeated parameter is refused first`() throws {
    let decision = try decide(family(generation: 1), presenting: 1, form: [("scope", "a"), ("scope", "a")])
    #expect(throws: Refusal.request(.tokenParameterRepeated("scope"))) { try decision.outcome.get() }
  }
}
