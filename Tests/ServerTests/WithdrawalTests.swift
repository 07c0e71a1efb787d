import AuthorizationServer
import OAuth
import Storage
import Testing
import Vocabulary

@Suite("RFC 7009 §2.1 What a person gave is taken back, whoever does it")
struct WithdrawalTests {
  let store = MemoryStore()
  static let now = Clock.now

  func give(_ id: String, _ subject: String, _ client: String) async throws {
    let grant = Grant(
      id: GrantID(id), client: ClientID(client), subject: SubjectID(subject), scopes: .none, details: [],
      createdAt: Self.now)
    _ = try await store.commit(Batch([grant.insertion]))
  }

  func consent(_ subject: String, _ client: String) async throws {
    let consent = Consent(
      subject: SubjectID(subject), client: ClientID(client), scopes: .none, details: [], createdAt: Self.now)
    _ = try await store.commit(Batch([consent.insertion]))
  }

  func open() async throws -> Set<String> {
    Set(try await store.all(Grant.self).filter { $0.closedAt == nil }.map(\.record.id.value))
  }

  func consents() async throws -> Set<String> { Set(try await store.all(Consent.self).map(\.record.storageKey)) }

  @Test func `consent and all grants of one client end, those of others stay`() async throws {
    for number in 0..<410 { try await give("g\(number)", "ada", "app") }
    try await give("other app", "ada", "diary")
    try await give("other person", "bob", "app")
    for (subject, client) in [("ada", "app"), ("ada", "diary"), ("bob", "app")] {
      try await consent(subject, client)
    }
    let ended = try await Withdrawal.access(of: SubjectID("ada"), to: ClientID("app"), in: store, now: Self.now)
    // Each grant is closed, and a note beside it says who did.
    #expect(ended.count == 2 * 410)
    #expect(try await open() == ["other app", "other person"])
    #expect(try await consents() == ["ada diary", "bob app"])
  }

  @Test func `the consent goes with the last grant, not before`() async throws {
    try await give("one", "ada", "app")
    try await give("two", "ada", "app")
    try await consent("ada", "app")
    let one = try #require(try await store.read(Grant.self, "one")).record
    let two = try #require(try await store.read(Grant.self, "two")).record
    #expect(try await Withdrawal.one(one, in: store, now: Self.now) == 1)
    #expect(try await consents() == ["ada app"])
    #expect(try await Withdrawal.one(two, in: store, now: Self.now) == 0)
    #expect(try await consents().isEmpty)
    let notes = try await store.all(Revocation.self).map(\.record)
    #expect(Set(notes.map(\.token.value)) == ["one", "two"] && notes.allSatisfy { $0.by == .operator })
  }

  @Test func `everything is consents, grants and sessions`() async throws {
    try await give("one", "ada", "app")
    try await consent("ada", "app")
    let session = Session(
      digest: TokenText.digest(Secret("cookie")), subject: SubjectID("ada"), username: "ada",
      authenticatedAt: Self.now, expiresAt: Self.now + Lifetime(clamping: 60), id: SessionID("stay"))
    _ = try await store.commit(Batch([session.insertion]))
    try await Withdrawal.everything(of: SubjectID("ada"), in: store, now: Self.now)
    #expect(try await open().isEmpty)
    #expect(try await consents().isEmpty)
    #expect(try await store.read(Session.self, session.digest.hexadecimal)?.closedAt == Self.now)
  }
}

@Suite("User names are unique whatever the case they are typed in")
struct UsernameTests {
  @Test(arguments: ["", " ", "  ", " grace", "grace ", "grâce", "a\tb", "a\u{0}", String(repeating: "a", count: 81)])
  func `what cannot be typed and found alike is refused`(_ name: String) {
    #expect(throws: Usernames.Fault.self) { try Usernames.checked(name) }
  }

  @Test func `a new name is kept in lower case`() throws {
    #expect(try Usernames.checked("Grace Hopper@Example.COM") == "grace hopper@example.com")
    #expect(try Usernames.checked(String(repeating: "a", count: 80)).count == 80)
  }

  @Test func `a name of an older version is found in any case`() async throws {
    let store = MemoryStore()
    func add(_ name: String) async throws {
      let user = User(id: SubjectID(name), username: Excerpt(name), passwordHash: [1], createdAt: Clock.now)
      _ = try await store.commit(Batch([user.insertion]))
    }
    try await add("Grace@Example.com")
    try await add("Twin")
    try await add("twin")
    for typed in ["Grace@Example.com", "grace@example.com", " GRACE@EXAMPLE.COM "] {
      #expect(try await Usernames.find(typed, in: store)?.record.id == SubjectID("Grace@Example.com"))
    }
    // As it was typed comes first, so that nobody is locked out.
    #expect(try await Usernames.find("Twin", in: store)?.record.id == SubjectID("Twin"))
    #expect(try await Usernames.find("twin", in: store)?.record.id == SubjectID("twin"))
    #expect(try await Usernames.find("nobody", in: store) == nil)
  }
}

@Suite("RFC 7239 §6 Whom a proxy speaks for")
struct ForwardedAddressTests {
  @Test(arguments: [
    ("192.0.2.7", "192.0.2.7"), (" 192.0.2.7:4711 ", "192.0.2.7"), ("2001:db8::1", "2001:db8::1"),
    ("[2001:db8::1]", "2001:db8::1"), ("[2001:db8::1]:443", "2001:db8::1"), ("\"[2001:db8::1]:443\"", "2001:db8::1"),
    ("::ffff:192.0.2.7", "::ffff:192.0.2.7"), ("unknown", "unknown"), ("", ""), ("[", ""),
  ])
  func `an address is read without its port`(_ entry: String, _ address: String) {
    #expect(ForwardedAddress.address(entry) == address)
  }
}
