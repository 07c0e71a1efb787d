import AuthorizationServer
import Foundation
import JOSE
import OAuth
import Storage
import Synchronization
import Testing
import Vocabulary

@Suite("A store that goes on from another history: a failover, or a restore beneath a server that runs")
struct StoreHistoryTests {
  /// A database server that can be replaced by another one, as a name that leads to the primary is moved.
  private final class MovingStore: Store {
    let now: Mutex<(store: MemoryStore, name: String?)>
    /// Whether what is there cannot be read from its beginning, only what came last.
    let isDamaged = Atomic<Bool>(false)

    init(_ store: MemoryStore, _ name: String?) { now = Mutex((store, name)) }

    func move(to store: MemoryStore, _ name: String?) { now.withLock { $0 = (store, name) } }
    private var base: MemoryStore { now.withLock { $0.store } }

    func read(_ keys: [RecordKey]) async throws(StoreFailure) -> [StoredRecord?] { try await base.read(keys) }
    func list(_ listing: Listing) async throws(StoreFailure) -> [StoredRecord] {
      if case .changed(0, _) = listing, isDamaged.load(ordering: .relaxed) { throw .damaged("a page") }
      return try await base.list(listing)
    }
    func commit(_ batch: Batch) async throws(StoreFailure) -> CommitOutcome { try await base.commit(batch) }
    func sweep(expiredBefore moment: Instant, limit: Int) async throws(StoreFailure) -> Int {
      try await base.sweep(expiredBefore: moment, limit: limit)
    }
    func close() async {}
    func history() async throws(StoreFailure) -> StoreHistory? {
      let (store, name) = now.withLock { $0 }
      let newest = try await store.list(.changed(afterRevision: 0, limit: 1000)).last?.revision ?? 0
      return StoreHistory(name: name, revision: newest)
    }
  }

  /// Two servers with the same beginning: a client.
  private let primary = MemoryStore()
  private let standby = MemoryStore()
  private let snapshot: Snapshot
  private let client = ClientRegistration.make(
    name: "c", methods: [.basic], grants: [.clientCredentials], scopes: Scopes(parsing: "a") ?? .none, redirectURIs: [],
    now: Clock.now
  ).client

  init() async throws {
    snapshot = Snapshot(
      keyFile: try KeyFile(path: FileManager.default.temporaryDirectory.path + "/doorward-" + UUID().uuidString))
    for store in [primary, standby] { #expect(try await store.commit(Batch([client.insertion])) == .committed) }
  }

  private func revoke(_ token: String, in store: any Store) async throws {
    let revocation = Revocation(
      token: TokenID(token), at: Clock.now, by: .client, expiresAt: Clock.now + Lifetime(clamping: 3600))
    #expect(try await store.commit(Batch([revocation.insertion])) == .committed)
  }

  private func isRevoked(_ token: String) -> Bool {
    let facts = AccessTokenFacts(
      id: TokenID(token), client: client.id, subject: SubjectID("u"), scopes: .none, details: [], audience: [],
      grant: nil,
      family: nil, issuedAt: Clock.now, expiresAt: Clock.now + Lifetime(clamping: 60))
    if case .revoked = snapshot.standing(of: facts) { return true }
    return false
  }

  /// What a server does each time it looks.
  private func look(_ store: any Store) async throws -> Bool {
    let isAnother = try await snapshot.followHistory(store)
    try await snapshot.catchUp(store)
    return isAnother
  }

  @Test func `numbers that were given out before are given out again, and nothing under them is missed`() async throws {
    let store = MovingStore(primary, "1")
    #expect(try await look(store) == false)
    for token in ["lost 1", "lost 2", "lost 3"] { try await revoke(token, in: primary) }
    #expect(try await look(store) == false)
    store.move(to: standby, "2")
    try await revoke("late", in: standby)
    #expect(try await look(store) == true)
    #expect(isRevoked("late"))
    // What was acknowledged holds here, also where the store has lost it.
    #expect(isRevoked("lost 3"))
    #expect(try await look(store) == false, "once")
  }

  @Test func `while a new history cannot be read, the server is not ready, whatever else can be`() async throws {
    let store = MovingStore(primary, "1")
    for token in ["lost 1", "lost 2"] { try await revoke(token, in: primary) }
    #expect(try await look(store) == false)
    store.isDamaged.store(true, ordering: .relaxed)
    store.move(to: standby, "2")
    try await revoke("late", in: standby)
    await #expect(throws: StoreFailure.self) { try await snapshot.followHistory(store) }
    // By the old history's number there is nothing new: that is no recovery.
    try await snapshot.catchUp(store)
    #expect(snapshot.fault != nil)
    // Nor is a standby, which cannot say what it is.
    store.move(to: standby, nil)
    #expect(try await look(store) == false)
    #expect(snapshot.fault != nil)
    store.move(to: standby, "2")
    store.isDamaged.store(false, ordering: .relaxed)
    #expect(try await look(store) == true)
    #expect(snapshot.fault == nil)
    #expect(isRevoked("late"))
  }

  @Test func `a store that is behind is another one, whatever its name`() async throws {
    let store = MovingStore(primary, "1")
    try await revoke("lost", in: primary)
    #expect(try await look(store) == false)
    store.move(to: standby, "1")
    #expect(try await look(store) == true)
    try await revoke("late", in: standby)
    #expect(try await look(store) == false)
    #expect(isRevoked("late"))
  }

  @Test func `a new history that is already as far as the old one was is noticed by its name`() async throws {
    let store = MovingStore(primary, "1")
    for token in ["lost 1", "lost 2"] { try await revoke(token, in: primary) }
    #expect(try await look(store) == false)
    store.move(to: standby, "2")
    for token in ["late 1", "late 2", "late 3"] { try await revoke(token, in: standby) }
    #expect(try await look(store) == true)
    for token in ["late 1", "late 2", "late 3"] { #expect(isRevoked(token), "\(token)") }
  }

  @Test func `a client that was lost is gone, and one that is there is known`() async throws {
    let store = MovingStore(primary, "1")
    let lost = ClientRegistration.make(
      name: "lost", methods: [.basic], grants: [.clientCredentials], scopes: .none, redirectURIs: [], now: Clock.now
    ).client
    #expect(try await primary.commit(Batch([lost.insertion])) == .committed)
    #expect(try await look(store) == false)
    #expect(snapshot.client(lost.id) != nil)
    store.move(to: standby, "2")
    #expect(try await look(store) == true)
    #expect(snapshot.client(lost.id) == nil)
    #expect(snapshot.client(client.id) != nil)
  }

  @Test func `a standby that follows behind is no other history until it is promoted`() async throws {
    let store = MovingStore(primary, "1")
    try await revoke("not there yet", in: primary)
    #expect(try await look(store) == false)
    store.move(to: standby, nil)
    #expect(try await look(store) == false)
    store.move(to: standby, "2")
    #expect(try await look(store) == true)
  }
}
