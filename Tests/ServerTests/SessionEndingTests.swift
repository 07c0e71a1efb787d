import AuthorizationServer
import JOSE
import OAuth
import Storage
import StrictJSON
import Testing
import Vocabulary

@Suite("OpenID Connect Back-Channel Logout §2.5, §2.7 The end of a session")
struct SessionEndingTests {
  let store = MemoryStore()
  static let now = Clock.now
  static let session = Session(
    digest: TokenText.digest(Secret("cookie")), subject: SubjectID("s"), username: "u", authenticatedAt: now,
    expiresAt: now + Lifetime(clamping: 60), id: SessionID("stay"))

  static let found = Versioned(session, version: 1, closedAt: nil)

  func add(_ client: String, scopes: String, told: Bool = true, session: SessionID? = session.id) async throws {
    let scopes = Scopes(parsing: scopes) ?? .none
    let uri = told ? try BackchannelLogoutURI("https://\(client).example/out") : nil
    let record = Client(
      id: ClientID(client), name: "c", secrets: [], methods: [.basic], grants: [], scopes: scopes,
      openID: OpenIDRegistration(backchannelLogoutURI: uri), createdAt: Self.now)
    let grant = Grant(
      id: GrantID("g-" + client), client: record.id, subject: SubjectID("s"), scopes: scopes, details: [],
      createdAt: Self.now, session: session)
    _ = try await store.commit(Batch([record.insertion, grant.insertion]))
  }

  @Test func `who learned of the person is told, and loses what was not for their absence`() async throws {
    try await add("told", scopes: "openid a")
    try await add("away", scopes: "openid offline_access")
    try await add("untold", scopes: "openid a", told: false)
    try await add("machine", scopes: "a")
    try await add("elsewhere", scopes: "openid a", session: SessionID("other"))
    try await add("older", scopes: "openid a", session: nil)
    let ending = try await SessionEnding(Self.found, in: store, now: Self.now)
    #expect(ending.closings == [.closeGrant(GrantID("g-told"), at: Self.now)])
    _ = try await store.commit(Batch([Self.session.insertion]))
    _ = try await store.commit(Batch(ending.changes))
    let notices = try await store.all(LogoutNotice.self).map(\.record)
    #expect(Set(notices.map(\.client.value)) == ["told", "away"])
    #expect(notices.allSatisfy { $0.subject == SubjectID("s") && $0.session == Self.session.id })
    let closed = try await store.read(Session.self, Self.session.digest.hexadecimal)?.closedAt
    #expect(closed == Self.now)
  }

  @Test func `a client with many grants is told once, and none of its grants is passed over`() async throws {
    try await add("told", scopes: "openid a")
    var batch = Batch()
    for number in 0..<450 {
      batch.changes.append(
        Grant(
          id: GrantID("more-\(number)"), client: ClientID("told"), subject: SubjectID("s"),
          scopes: Scopes(parsing: "openid a") ?? .none, details: [], createdAt: Self.now, session: Self.session.id
        ).insertion)
    }
    _ = try await store.commit(batch)
    let ending = try await SessionEnding(Self.found, in: store, now: Self.now)
    #expect(ending.closings.count == 451)
    #expect(ending.changes.count == 454)
  }

  @Test func `a stay that goes on under another cookie tells nobody`() async throws {
    try await add("told", scopes: "openid a")
    let ending = try await SessionEnding(Self.found, isOver: false, in: store, now: Self.now)
    #expect(ending.closings.isEmpty && ending.changes.count == 2)
  }

  @Test func `all sessions of a person end, those that are over or of others do not`() async throws {
    try await add("told", scopes: "openid a")
    var batch = Batch()
    func session(_ name: String, _ subject: String = "s", seconds: Int64 = 60) -> Session {
      Session(
        digest: TokenText.digest(Secret(name)), subject: SubjectID(subject), username: "u", authenticatedAt: Self.now,
        expiresAt: Instant(secondsSince1970: Self.now.secondsSince1970 + seconds), id: SessionID(name))
    }
    for number in 0..<250 { batch.changes.append(session("live \(number)").insertion) }
    batch.changes += [Self.session.insertion, session("over", seconds: -1).insertion, session("x", "other").insertion]
    _ = try await store.commit(batch)
    let changes = try await SessionEnding.all(of: SubjectID("s"), in: store, now: Self.now)
    // 251 sessions, each required and closed, one of which was told of and loses a grant.
    #expect(changes.count == 504)
  }

  @Test func `of two processes one takes a notice`() async throws {
    let server = try await InProcessServer()
    let notices = LogoutNotices(issuer: server.issuer)
    let notice = LogoutNotice(
      id: LogoutNoticeID("n"), client: ClientID("c"), subject: SubjectID("s"), session: SessionID("x"),
      createdAt: Self.now)
    _ = try await server.store.commit(Batch([notice.insertion]))
    let found = try #require(try await notices.page(after: nil, limit: 10).notices.first)
    let first = try await notices.take(found, now: Self.now)
    let second = try await notices.take(found, now: Self.now)
    #expect(first != nil && second == nil)
    // Nobody to tell: the client is unknown.
    #expect(notices.message(notice, now: Self.now) == nil)
  }
}

@Suite("OpenID Connect Core §8.1 Registering")
struct OpenIDRegisteringTests {
  func register(
    _ type: String?, sector: String? = nil, logout: String? = nil, required: Bool = false, _ uris: [String],
    isPublic: Bool = false
  ) throws(OpenIDRegistration.Fault) -> OpenIDRegistration {
    try OpenIDRegistration(
      subjectType: type, sectorIdentifier: sector, backchannelLogoutURI: logout,
      backchannelLogoutSessionRequired: required, redirectURIs: uris.compactMap { try? RedirectURI($0) },
      isPublic: isPublic)
  }

  @Test func `the sector is the one host there is, or the one that is named`() throws {
    #expect(
      try register("pairwise", ["https://A.example:8443/cb", "https://a.example/x"]).sector == Sector("a.example"))
    #expect(try register("pairwise", ["http://127.0.0.1:9999/cb"]).sector == Sector("127.0.0.1"))
    #expect(
      try register("pairwise", sector: "https://S.example:444/x.json", ["com.app:/cb"]).sector == Sector("s.example"))
    #expect(try register("pairwise", sector: "s.example", []).sector == Sector("s.example"))
    #expect(try register(nil, []) == .standard)
  }

  @Test func `what is not clear is refused with words`() {
    #expect(throws: OpenIDRegistration.Fault.sectorAmbiguous(["a.example", "b.example"])) {
      try register("pairwise", ["https://b.example/", "https://a.example/"])
    }
    #expect(throws: OpenIDRegistration.Fault.sectorUnknown) { try register("pairwise", ["com.app:/cb"]) }
    #expect(throws: OpenIDRegistration.Fault.sectorUnused) { try register("public", sector: "a.example", []) }
    #expect(throws: OpenIDRegistration.Fault.subjectTypeUnknown("Pairwise")) { try register("Pairwise", []) }
    for text in ["http://a.example/", "a.example:1", "", "a/b", "https://", "ä.example"] {
      #expect(throws: OpenIDRegistration.Fault.sectorMalformed(text)) { try register("pairwise", sector: text, []) }
    }
    #expect(throws: OpenIDRegistration.Fault.logoutURIUnencrypted("http://a.example/")) {
      try register(nil, logout: "http://a.example/", [], isPublic: true)
    }
    #expect(throws: OpenIDRegistration.Fault.logoutURIMissing) { try register(nil, required: true, []) }
  }
}

@Suite("Records of an older version")
struct OlderRecordsTests {
  /// The record's JSON as it was before these members were there.
  func older<Record: StorableRecord>(_ record: Record, without names: Set<String>) throws -> Record {
    let members = try #require(record.json.members)
    #expect(names.isSubset(of: Set(members.map(\.name))))
    return try #require(Record(json: .object(members.filter { !names.contains($0.name) })))
  }

  @Test func `a session is named after its digest`() throws {
    let before = try older(SessionEndingTests.session, without: ["id"])
    #expect(before.id.value == before.digest.hexadecimal)
    #expect(Session(json: SessionEndingTests.session.json) == SessionEndingTests.session)
  }

  @Test func `grants and codes belong to no session, and clients are public`() throws {
    let now = SessionEndingTests.now
    let grant = Grant(
      id: GrantID("g"), client: ClientID("c"), subject: SubjectID("s"), scopes: .none, details: [], createdAt: now,
      session: SessionID("x"))
    #expect(Grant(json: grant.json) == grant)
    #expect(grant.indexes["session"] == "x")
    #expect(try older(grant, without: ["session"]).session == nil)
    #expect(try older(grant, without: ["session"]).indexes["session"] == nil)
    let code = AuthorizationCodeRecord(
      digest: .zero, grant: GrantID("g"), contract: "oauth", client: ClientID("c"), subject: SubjectID("s"),
      scopes: .none, details: [], audience: [], redirectURI: nil, challenge: nil, nonce: nil, authenticatedAt: now,
      expiresAt: now, session: TokenText.digest(Secret("cookie")), sessionName: SessionName("n"),
      identityClaims: [.init("email", "a@b")])
    #expect(AuthorizationCodeRecord(json: code.json) == code)
    let before = try older(code, without: ["session", "sid", "claims"])
    #expect(before.session == nil && before.sessionName == nil && before.identityClaims.isEmpty)
    let client = Client(
      id: ClientID("c"), name: "c", secrets: [], methods: [.basic], grants: [], scopes: .none,
      openID: OpenIDRegistration(
        subjectType: .pairwise, sector: Sector("a.example"),
        backchannelLogoutURI: try BackchannelLogoutURI("https://a.example/out"),
        backchannelLogoutSessionRequired: true), createdAt: now)
    #expect(Client(json: client.json) == client)
    let new: Set = ["subject_type", "sector", "backchannel_logout_uri", "backchannel_logout_session_required"]
    #expect(try older(client, without: new).openID == .standard)
  }

  @Test func `a pairwise client whose record is damaged does not become a public one`() throws {
    let client = Client(
      id: ClientID("c"), name: "c", secrets: [], methods: [.basic], grants: [], scopes: .none,
      openID: OpenIDRegistration(subjectType: .pairwise, sector: Sector("a.example")),
      createdAt: SessionEndingTests.now)
    let members = try #require(client.json.members).map { member in
      member.name == "subject_type" ? JSON.Member("subject_type", "pairwisse") : member
    }
    #expect(Client(json: .object(members)) == nil)
  }

  @Test func `the salt is made once, sealed, and opens with its own key file only`() async throws {
    let server = try await InProcessServer()
    let store = MemoryStore()
    func name() async throws -> SubjectID {
      let naming = try await SubjectSalt.ensure(store: store, keyFile: server.keyFile, now: SessionEndingTests.now)
      let client = Client(
        id: ClientID("c"), name: "c", secrets: [], methods: [], grants: [], scopes: .none,
        openID: OpenIDRegistration(subjectType: .pairwise, sector: Sector("a")), createdAt: SessionEndingTests.now)
      return naming.name(of: SubjectID("s"), for: client)
    }
    let first = try await name()
    let second = try await name()
    #expect(first == second)
    let other = try await InProcessServer()
    await #expect(throws: StoreFailure.self) {
      try await SubjectSalt.ensure(store: store, keyFile: other.keyFile, now: SessionEndingTests.now)
    }
  }
}
