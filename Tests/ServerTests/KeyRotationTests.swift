import AuthorizationServer
import Catalogue
import JOSE
import OAuth
import Storage
import Testing
import Vocabulary

/// A store whose turns another node may have, whose clock may differ from ours, and that may be slow.
private final class SharedStore: Store {
  private let base: any Store
  private let time: Instant?
  private let isTaken: Bool
  private let afterList: @Sendable () async throws -> Void
  private let beforeCommit: @Sendable () async throws -> Void

  init(
    _ base: any Store, time: Instant? = nil, isTaken: Bool = false,
    afterList: @escaping @Sendable () async throws -> Void = {},
    beforeCommit: @escaping @Sendable () async throws -> Void = {}
  ) {
    self.base = base
    self.time = time
    self.isTaken = isTaken
    self.afterList = afterList
    self.beforeCommit = beforeCommit
  }

  func read(_ keys: [RecordKey]) async throws(StoreFailure) -> [StoredRecord?] { try await base.read(keys) }

  func list(_ listing: Listing) async throws(StoreFailure) -> [StoredRecord] {
    let found = try await base.list(listing)
    do { try await afterList() } catch { throw .unavailable("\(error)") }
    return found
  }

  func sweep(expiredBefore moment: Instant, limit: Int) async throws(StoreFailure) -> Int { 0 }
  func close() async {}

  func commit(_ batch: Batch) async throws(StoreFailure) -> CommitOutcome {
    do { try await beforeCommit() } catch { throw .unavailable("\(error)") }
    return try await base.commit(batch)
  }

  func inTurn(_ name: String, _ work: @Sendable (Instant?) async throws -> Void) async throws -> Bool {
    if isTaken { return false }
    try await work(time)
    return true
  }
}

@Suite("OpenID Connect Core §10.1.1: signing keys rotate by themselves, and are published ahead")
struct KeyRotationTests {
  private static let rule = KeyRotationRule(rotateAfter: days(90), publishBefore: days(1)) ?? .standard

  private static func days(_ count: Int64) -> Lifetime { Lifetime(clamping: count * 86_400) }

  /// Another node on the same store.
  private func node(_ server: InProcessServer, _ store: (any Store)? = nil) async throws -> Issuer {
    let snapshot = Snapshot(keyFile: server.keyFile)
    let store = store ?? server.store
    try await snapshot.catchUp(store)
    return Issuer(
      url: "http://issuer.example", store: store, snapshot: snapshot, journal: Journal(sink: server.sink), apis: [],
      contract: server.issuer.contract, topics: DocumentationSite.standardTopics, version: "test",
      formKey: InProcessServer.formKey, subjects: SubjectNaming(salt: [1]))
  }

  private func keys(_ server: InProcessServer) async throws -> [SigningKeyRecord] {
    try await server.store.all(SigningKeyRecord.self).filter { $0.closedAt == nil }.map(\.record)
      .sorted { $0.createdAt < $1.createdAt }
  }

  private func rotations(_ outcome: KeyRotation.Outcome) -> [(made: SigningKeyRecord, retired: [SigningKeyRecord])] {
    if case .rotated(let rotations) = outcome { rotations } else { [] }
  }

  @Test func `a key is due when its time is over but for the time its successor is published ahead`() async throws {
    let server = try await InProcessServer()
    let rotation = KeyRotation(issuer: server.issuer, rule: Self.rule)
    let made = try #require(try await keys(server).first).createdAt
    #expect(!rotation.isDue(at: made))
    #expect(!rotation.isDue(at: made + Self.days(89) - Lifetime(clamping: 1)))
    #expect(rotation.isDue(at: made + Self.days(89)))
    // And no sooner by the store, whatever a node believes.
    guard case .notDue(let until) = try await rotation.rotate(now: made + Self.days(88)) else {
      Issue.record("it was rotated")
      return
    }
    #expect(until == Lifetime(clamping: 86_401))
  }

  @Test
  func
    `the new key is published at once, signs when its moment comes, and the old one stays until its tokens are over`()
    async throws
  {
    let server = try await InProcessServer()
    let other = try await node(server)
    let old = try #require(try await keys(server).first)
    let now = old.createdAt + Self.days(89)
    let rotated = rotations(try await KeyRotation(issuer: server.issuer, rule: Self.rule).rotate(now: now))
    let made = try #require(rotated.first?.made)
    let retired = try #require(rotated.first?.retired.first)
    #expect(made.signsFrom == old.createdAt + Self.days(90))
    #expect(retired.id == old.id && retired.retiredAt == made.signsFrom)
    try await other.snapshot.catchUp(other.store)
    for node in [server.issuer, other] {
      #expect(Set(node.snapshot.keys.published.keys.compactMap(\.kid)) == [old.id.value, made.id.value])
      #expect(node.snapshot.keys.signingKey("ES256")?.kid == old.id.value)
    }
    // Nothing is written or heard of at that moment; only the clock goes on.
    let moment = try #require(made.signsFrom)
    for node in [server.issuer, other] {
      node.snapshot.refreshKeys(now: moment - Lifetime(clamping: 1))
      #expect(node.snapshot.keys.signingKey("ES256")?.kid == old.id.value)
      node.snapshot.refreshKeys(now: moment)
      #expect(node.snapshot.keys.signingKey("ES256")?.kid == made.id.value)
      #expect(node.snapshot.keys.published.keys.count == 2)
    }
    // The longest token that is signed here is an ID token's hour or an access token of the contract.
    let longest = max(other.longestAccessToken, Lifetime(clamping: 3600))
    let end = try #require(retired.publishedUntil)
    #expect(end >= moment + longest)
    other.snapshot.refreshKeys(now: end - Lifetime(clamping: 1))
    #expect(other.snapshot.keys.published.keys.count == 2)
    let generation = other.snapshot.keyGeneration
    other.snapshot.refreshKeys(now: end)
    #expect(other.snapshot.keys.published.keys.compactMap(\.kid) == [made.id.value])
    #expect(other.snapshot.keyGeneration > generation, "remembered tokens of a key that is gone are forgotten")
  }

  @Test func `of nodes that are due at the same moment one rotates`() async throws {
    let server = try await InProcessServer()
    let now = try #require(try await keys(server).first).createdAt + Self.days(89)
    var nodes: [Issuer] = []
    for _ in 0..<8 { nodes.append(try await node(server)) }
    let made = try await withThrowingTaskGroup(of: Int.self) { group in
      for node in nodes {
        group.addTask { rotations(try await KeyRotation(issuer: node, rule: Self.rule).rotate(now: now)).count }
      }
      return try await group.reduce(0, +)
    }
    #expect(made == 1)
    #expect(try await keys(server).count == 2)
    for node in nodes {
      try await node.snapshot.catchUp(node.store)
      #expect(!KeyRotation(issuer: node, rule: Self.rule).isDue(at: now))
    }
  }

  @Test func `a node that does not get the turn leaves it to the one that has it`() async throws {
    let server = try await InProcessServer()
    let issuer = try await node(server, SharedStore(server.store, isTaken: true))
    let now = try #require(try await keys(server).first).createdAt + Self.days(89)
    guard case .leftToAnother = try await KeyRotation(issuer: issuer, rule: Self.rule).rotate(now: now) else {
      Issue.record("it was rotated")
      return
    }
    #expect(try await keys(server).count == 1)
  }

  @Test func `a node that stood still in its turn changes nothing when it goes on`() async throws {
    let server = try await InProcessServer()
    let now = try #require(try await keys(server).first).createdAt + Self.days(89)
    let faster = KeyRotation(issuer: try await node(server), rule: Self.rule)
    // It has read the keys and made one; meanwhile its turn ended, and another had it.
    let slow = SharedStore(server.store) { _ = try await faster.rotate(now: now) }
    let outcome = try await KeyRotation(issuer: try await node(server, slow), rule: Self.rule).rotate(now: now)
    #expect(rotations(outcome).isEmpty)
    #expect(try await keys(server).count == 2)
  }

  @Test func `a node that stood still before it made a key does not replace the one another made`() async throws {
    let server = try await InProcessServer()
    let now = try #require(try await keys(server).first).createdAt + Self.days(89)
    let faster = KeyRotation(issuer: try await node(server), rule: Self.rule)
    let issuer = try await node(server)
    // It has read the keys and found one due; all else comes after another node's turn.
    let slow = SharedStore(server.store, afterList: { _ = try await faster.rotate(now: now) })
    let paused = Issuer(
      url: issuer.url, store: slow, snapshot: issuer.snapshot, journal: Journal(sink: server.sink), apis: [],
      contract: issuer.contract, topics: DocumentationSite.standardTopics, version: "test",
      formKey: InProcessServer.formKey, subjects: SubjectNaming(salt: [1]))
    let outcome = try await KeyRotation(issuer: paused, rule: Self.rule).rotate(now: now)
    #expect(rotations(outcome).isEmpty)
    #expect(try await keys(server).count == 2)
    #expect(try await keys(server).filter { $0.retiredAt == nil }.count == 1)
  }

  @Test func `two keys of an algorithm that are due have one successor`() async throws {
    let server = try await InProcessServer()
    let first = try #require(try await keys(server).first)
    let other = try KeyLifecycle.make(.es256, keyFile: server.keyFile, now: first.createdAt)
    _ = try await server.store.commit(Batch([other.insertion]))
    let now = first.createdAt + Self.days(89)
    let outcome = try await KeyRotation(issuer: try await node(server), rule: Self.rule).rotate(now: now)
    #expect(rotations(outcome).map(\.retired.count) == [2])
    #expect(try await keys(server).count == 3)
  }

  @Test func `a node whose clock is ahead does not rotate before the time of the store`() async throws {
    let server = try await InProcessServer()
    let real = try #require(try await keys(server).first).createdAt + Self.days(10)
    let issuer = try await node(server, SharedStore(server.store, time: real))
    let rotation = KeyRotation(issuer: issuer, rule: Self.rule)
    #expect(rotation.isDue(at: real + Self.days(400)))
    guard case .notDue = try await rotation.rotate(now: real + Self.days(400)) else {
      Issue.record("it was rotated")
      return
    }
    #expect(try await keys(server).count == 1)
  }

  @Test func `a node whose clock is ahead may sign with the next key early, which all know`() async throws {
    let server = try await InProcessServer()
    let other = try await node(server)
    let old = try #require(try await keys(server).first)
    _ = try await KeyRotation(issuer: server.issuer, rule: Self.rule).rotate(now: old.createdAt + Self.days(89))
    server.snapshot.refreshKeys(now: old.createdAt + Self.days(91))
    let early = try #require(server.snapshot.keys.signingKey("ES256"))
    try await other.snapshot.catchUp(other.store)
    #expect(other.snapshot.keys.signingKey("ES256")?.kid == old.id.value)
    #expect(other.snapshot.keys.published[early.kid] != nil)
  }

  @Test func `a key that a wrong clock made for a time far ahead is replaced`() async throws {
    let server = try await InProcessServer()
    let old = try #require(try await keys(server).first)
    let wrong = old.createdAt + Self.days(3650)
    let rotation = KeyRotation(issuer: server.issuer, rule: Self.rule)
    let far = try #require(rotations(try await rotation.rotate(now: wrong)).first?.made)
    let now = old.createdAt + Self.days(1)
    #expect(rotation.isDue(at: now))
    let near = try #require(rotations(try await rotation.rotate(now: now)).first?.made)
    #expect(near.signsFrom == now + Self.days(1))
    #expect(!rotation.isDue(at: now))
    let stored = try await keys(server)
    #expect(stored.first { $0.id == far.id }?.state(at: wrong + Self.days(2)) == .retired)
    #expect(stored.first { $0.id == old.id }?.retiredAt == near.signsFrom)
    server.snapshot.refreshKeys(now: now + Self.days(1))
    #expect(server.snapshot.keys.signingKey("ES256")?.kid == near.id.value)
  }

  @Test func `a key for another moment takes the place of the one that was to be next`() async throws {
    let server = try await InProcessServer()
    let now = Clock.now
    func rotate(from: Instant?) async throws -> KeyID {
      let rotated = try await KeyLifecycle.rotate(
        .es256, longestLifetime: Lifetime(clamping: 60), signsFrom: from, store: server.store, keyFile: server.keyFile,
        now: now)
      try await server.snapshot.catchUp(server.store)
      return try #require(rotated).made.id
    }
    let old = try #require(try await keys(server).first).id
    let next = try await rotate(from: now + Self.days(1))
    #expect(server.snapshot.keys.signingKey("ES256")?.kid == old.value)
    let urgent = try await rotate(from: nil)
    #expect(server.snapshot.keys.signingKey("ES256")?.kid == urgent.value)
    let stored = try await keys(server)
    for id in [old, next] { #expect(stored.first { $0.id == id }?.state(at: now + Self.days(2)) == .retired) }
    server.snapshot.refreshKeys(now: now + Self.days(2))
    #expect(server.snapshot.keys.signingKey("ES256")?.kid == urgent.value)
  }

  @Test func `a store that fails leaves the keys as they are, and the next attempt succeeds`() async throws {
    let server = try await InProcessServer()
    let store = FaultyStore(server.store)
    let rotation = KeyRotation(issuer: try await node(server, store), rule: Self.rule)
    let now = try #require(try await keys(server).first).createdAt + Self.days(400)
    for fault in FaultyStore.Fault.allCases {
      store.fail(fault, seconds: 100)
      await #expect(throws: StoreFailure.self) { try await rotation.rotate(now: now) }
      #expect(try await keys(server).count == 1)
    }
    store.fail(nil, seconds: 0)
    let rotated = rotations(try await rotation.rotate(now: now))
    // Overdue or not, it is published ahead.
    #expect(rotated.first?.made.signsFrom == now + Self.days(1))
  }

  @Test func `a key for a clock that is behind signs rather than none`() async throws {
    let server = try await InProcessServer(withKeys: false)
    let later = Clock.now + Lifetime(clamping: 60)
    let key = try KeyLifecycle.make(.es256, keyFile: server.keyFile, signsFrom: later, now: later)
    _ = try await server.store.commit(Batch([key.insertion]))
    try await server.snapshot.catchUp(server.store)
    #expect(server.snapshot.keys.signingKey("ES256")?.kid == key.id.value)
  }
}
