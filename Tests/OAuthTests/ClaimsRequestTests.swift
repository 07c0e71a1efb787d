import Catalogue
import Dialects
import OAuth
import StrictJSON
import Testing
import Vocabulary

@Suite("OpenID Connect Core §5.5 The claims parameter")
struct ClaimsRequestTests {
  static let now = Instant(secondsSince1970: 1_800_000_000)
  static let context = AuthenticationContext.password(encrypted: true)

  static func client(_ openID: OpenIDRegistration = .standard) -> Client {
    Client(
      id: ClientID("c"), name: "c", secrets: [], methods: [.basic], grants: [.authorizationCode],
      scopes: Scopes(parsing: "openid email a") ?? .none,
      redirectURIs: (try? RedirectURI("https://a.example/cb")).map { [$0] } ?? [], openID: openID, createdAt: now)
  }

  func demand(
    _ claims: String?, scope: String = "openid a", prompt: String = ""
  ) throws -> AuthorizationDemand {
    let contract = try #require(Contract.bundled("oauth"))
    var pairs = [("client_id", "c"), ("response_type", "code"), ("scope", scope), ("prompt", prompt)]
    if let claims { pairs.append(("claims", claims)) }
    let request = AuthorizationRequest(
      contract: contract, rule: try #require(contract.authorization), form: Form(pairs))
    return try AuthorizationDemand(
      try request.prove(client: Self.client()), apis: [], fixedAudience: nil, issuer: Audience("i"),
      offered: Self.context)
  }

  func refusal(_ claims: String) throws -> String? {
    do {
      _ = try demand(claims)
      return nil
    } catch let refusal as Refusal { return refusal.area.name.rawValue }
  }

  func session(_ subject: String = "s", digest: Digest = TokenText.digest(Secret("cookie"))) -> Session {
    Session(
      digest: digest, subject: SubjectID(subject), username: "ada@example.com", authenticatedAt: Self.now,
      expiresAt: Self.now + Lifetime(clamping: 60), id: SessionID("stay"))
  }

  func decide(_ demand: AuthorizationDemand, _ session: Session, name: String?) -> Decision<AuthorizationStep> {
    var random = SystemRandomNumberGenerator()
    let facts = AuthorizationFacts(
      session: session, name: name.map { SubjectID($0) }, consent: nil, answer: .allow(demand.scopes, [], page: nil))
    return Authorize.decide(demand, facts, now: Self.now, random: &random)
  }

  func code(_ decision: Decision<AuthorizationStep>) -> AuthorizationCodeRecord? {
    for case .insertCode(let record) in decision.changes { return record }
    return nil
  }

  @Test(arguments: [
    "{", "[]", "1", #"{"id_token":[]}"#, #"{"userinfo":{"a":1}}"#, #"{"userinfo":{"a":{"essential":1}}}"#,
    #"{"userinfo":{"a":{"values":{}}}}"#, #"{"userinfo":{"a":{"values":[]}}}"#, #"{"id_token":{"acr":{"value":1}}}"#,
    #"{"id_token":{"sub":{"values":["a",null]}}}"#, #"{"id_token":null,"id_token":null}"#,
    #"{"x":""# + String(repeating: "y", count: 8192) + #""}"#,
  ])
  func `what is malformed is sent back`(_ text: String) throws {
    #expect(try refusal(text) == "authorization_parameter_invalid")
  }

  @Test(arguments: [
    "{}", #"{"id_token":null}"#, #"{"id_token":{"acr":null},"more":[1]}"#, #"{"userinfo":{"x":{"y":1,"value":{}}}}"#,
    #"{"id_token":{"acr":{"value":"silver"}}}"#, #"{"userinfo":{"acr":{"essential":true,"value":"silver"}}}"#,
  ])
  func `what is well formed and no condition is taken`(_ text: String) throws {
    #expect(try refusal(text) == nil)
  }

  @Test func `a claim is asked of the person as its scope, as far as the client is registered for it`() throws {
    let demand = try demand(#"{"userinfo":{"email":null,"preferred_username":{"essential":true}}}"#)
    #expect(demand.scopes.description == "openid a email")
  }

  @Test func `without openid the parameter asks for nothing`() throws {
    let demand = try demand(#"{"userinfo":{"email":null},"id_token":{"sub":{"value":"other"}}}"#, scope: "a")
    #expect(demand.scopes.description == "a")
    #expect(code(decide(demand, session(), name: "s")) != nil)
  }

  @Test func `only a claim of the ID token that was allowed stands with the code`() throws {
    let wanted = try demand(#"{"id_token":{"email":null},"userinfo":{"email":null}}"#)
    #expect(code(decide(wanted, session(), name: "s"))?.identityClaims == [.init("email", "ada@example.com")])
    let elsewhere = try demand(#"{"userinfo":{"email":null}}"#)
    #expect(code(decide(elsewhere, session(), name: "s"))?.identityClaims.isEmpty == true)
    var random = SystemRandomNumberGenerator()
    let unticked = Authorize.decide(
      wanted,
      AuthorizationFacts(
        session: session(), name: SubjectID("s"), consent: nil,
        answer: .allow(Scopes(parsing: "a") ?? .none, [], page: nil)), now: Self.now, random: &random)
    #expect(code(unticked)?.identityClaims.isEmpty == true)
  }

  @Test func `§5.5.1 where nobody can be asked, a wish that was not allowed before is left out`() throws {
    let consent = Consent(
      subject: SubjectID("s"), client: ClientID("c"), scopes: Scopes(parsing: "openid a") ?? .none, details: [],
      createdAt: Self.now)
    func silent(_ prompt: String, _ scope: String) throws -> Decision<AuthorizationStep> {
      var random = SystemRandomNumberGenerator()
      return Authorize.decide(
        try demand(#"{"id_token":{"email":{"essential":true}}}"#, scope: scope, prompt: prompt),
        AuthorizationFacts(
          session: session(), name: SubjectID("s"), consent: Versioned(consent, version: 1, closedAt: nil)),
        now: Self.now, random: &random)
    }
    #expect(code(try silent("none", "openid a"))?.scopes.description == "openid a")
    #expect(code(try silent("none", "openid a"))?.identityClaims.isEmpty == true)
    // Asked for as a scope it is no mere wish, and with a page the person can be asked.
    #expect(code(try silent("none", "openid a email")) == nil)
    #expect(code(try silent("", "openid a")) == nil)
  }

  @Test(arguments: [#"{"value":"p"}"#, #"{"values":["q","p"]}"#, #"{"value":"q","values":["p"]}"#, "null"])
  func `§3.1.2.2 the person asked for, by the name the client knows, gets a code`(_ wish: String) throws {
    #expect(code(decide(try demand(#"{"id_token":{"sub":\#(wish)}}"#), session(), name: "p")) != nil)
  }

  @Test(arguments: ["id_token", "userinfo"])
  func `§3.1.2.2 nobody else does, not even by the name of their account`(_ place: String) throws {
    let demand = try demand(#"{"\#(place)":{"sub":{"value":"s"}}}"#)
    guard case .success(.signIn) = decide(demand, session(), name: "p").outcome else {
      Issue.record("somebody else was let through")
      return
    }
  }

  @Test func `§5.5.1.1 an essential context that cannot be reached is refused`() throws {
    #expect(
      try refusal(#"{"id_token":{"acr":{"essential":true,"values":["silver"]}}}"#) == "authentication_context_unmet")
    #expect(
      try refusal(#"{"id_token":{"acr":{"essential":true,"values":["silver","\#(Self.context.acr)"]}}}"#) == nil)
  }

  @Test func `code and grant carry the session, unless it is nowhere stored`() throws {
    let stored = decide(try demand(nil), session(), name: "s")
    #expect(code(stored)?.session == TokenText.digest(Secret("cookie")))
    #expect(code(stored)?.sessionName == SessionID("stay").shown(to: ClientID("c")))
    #expect(
      stored.changes.contains {
        if case .insertGrant(let grant) = $0 { grant.session == SessionID("stay") } else { false }
      })
    let automatic = code(decide(try demand(nil), session(digest: .zero), name: "s"))
    #expect(automatic != nil && automatic?.session == nil && automatic?.sessionName == nil)
  }
}

@Suite("OpenID Connect Core §8.1 Pairwise subjects")
struct SubjectNamingTests {
  func client(_ sector: String?, id: String = "c") -> Client {
    Client(
      id: ClientID(id), name: "c", secrets: [], methods: [.basic], grants: [], scopes: .none,
      openID: OpenIDRegistration(subjectType: sector == nil ? .public : .pairwise, sector: sector.map { Sector($0) }),
      createdAt: Instant(secondsSince1970: 0))
  }

  let naming = SubjectNaming(salt: Array(repeating: 7, count: 32))
  let account = SubjectID("ada")

  @Test func `the name follows from sector, account and salt, and from nothing else`() {
    let name = naming.name(of: account, for: client("a.example"))
    #expect(name != account && name.value.utf8.count == 43)
    #expect(naming.name(of: account, for: client("a.example", id: "other")) == name)
    #expect(naming.name(of: account, for: client("b.example")) != name)
    #expect(naming.name(of: SubjectID("bob"), for: client("a.example")) != name)
    #expect(SubjectNaming(salt: [1]).name(of: account, for: client("a.example")) != name)
  }

  @Test func `sector and account cannot be moved into each other`() {
    #expect(naming.name(of: SubjectID("bc"), for: client("a")) != naming.name(of: SubjectID("c"), for: client("ab")))
  }

  @Test func `public clients know the account, and a client keeps its own name`() {
    #expect(naming.name(of: account, for: client(nil)) == account)
    #expect(naming.name(of: SubjectID("c"), for: client("a.example")) == SubjectID("c"))
  }
}

@Suite("OpenID Connect Back-Channel Logout §2.5 Notices")
struct LogoutNoticeTests {
  let now = Instant(secondsSince1970: 1_800_000_000)

  @Test func `four attempts, at growing distances, and no more`() throws {
    var notice = LogoutNotice(
      id: LogoutNoticeID("n"), client: ClientID("c"), subject: SubjectID("s"), session: SessionID("x"), createdAt: now)
    var waits: [Int64] = []
    for _ in 0..<10 {
      notice = notice.taken(now: now)
      // While one attempt goes on, nobody makes another.
      #expect(notice.dueAt.seconds(since: now) > 5)
      guard let next = notice.postponed(now: now) else { break }
      waits.append(next.dueAt.seconds(since: now))
      notice = next
    }
    #expect(waits == [2, 10, 60])
    #expect(notice.attempts == 4)
  }

  @Test func `§2.1 a session is called otherwise by each client`() {
    let session = SessionID("x")
    #expect(session.shown(to: ClientID("a")) != session.shown(to: ClientID("b")))
    #expect(session.shown(to: ClientID("a")) != SessionID("y").shown(to: ClientID("a")))
    #expect(session.shown(to: ClientID("a")) == SessionID("x").shown(to: ClientID("a")))
  }

  @Test(
    arguments: [
      ("https://a.example/x?y=1", nil), ("http://10.0.0.7:8080/out", nil), ("https://[::1]:8443", nil),
      ("ftp://a.example/", .notHTTP), ("a.example", .notHTTP), ("HTTPS://a.example/", .notHTTP),
      ("https://a.example/#x", .fragment), ("https://a.example/ x", .forbiddenByte), ("https:///x", .noHost),
      ("https://u@a.example/", .noHost), ("https://a.example:0/", .noHost), ("https://a.example:99999/", .noHost),
      ("https://a.example:x/", .noHost), ("https://[]/", .noHost), ("https://", .noHost),
    ] as [(String, BackchannelLogoutURI.Fault?)])
  func `§2.2 an address is one that can be posted to`(_ text: String, _ expected: BackchannelLogoutURI.Fault?) {
    var seen: BackchannelLogoutURI.Fault?
    do throws(BackchannelLogoutURI.Fault) { _ = try BackchannelLogoutURI(text) } catch { seen = error }
    #expect(seen == expected)
  }
}
