import AuthorizationServer
import JOSE
import OAuth
import Storage
import Synchronization
import Testing
import Vocabulary

/// A store that takes so many commits, and then no more.
private final class TiringStore: Store {
  private let base: any Store
  private let left: Mutex<Int>

  init(_ base: any Store, commits: Int) {
    self.base = base
    left = Mutex(commits)
  }

  func read(_ keys: [RecordKey]) async throws(StoreFailure) -> [StoredRecord?] { try await base.read(keys) }
  func list(_ listing: Listing) async throws(StoreFailure) -> [StoredRecord] { try await base.list(listing) }
  func sweep(expiredBefore moment: Instant, limit: Int) async throws(StoreFailure) -> Int { 0 }
  func close() async {}

  func commit(_ batch: Batch) async throws(StoreFailure) -> CommitOutcome {
    let isTired = left.withLock { left in
      left -= 1
      return left < 0
    }
    if isTired { throw .unavailable("tired") }
    return try await base.commit(batch)
  }
}

@Suite("OpenID Connect Core §10.1.1: a rotation that fails half-way")
struct KeyRotationFailureTests {
  private static let rule = KeyRotationRule.standard

  private func rotation(_ server: InProcessServer, commits: Int) async throws -> KeyRotation {
    let snapshot = Snapshot(keyFile: server.keyFile)
    let store = TiringStore(server.store, commits: commits)
    try await snapshot.catchUp(store)
    let issuer = Issuer(
      url: "http://issuer.example", store: store, snapshot: snapshot, journal: Journal(sink: server.sink), apis: [],
      contract: server.issuer.contract, topics: DocumentationSite.standardTopics, version: "test",
      formKey: InProcessServer.formKey, subjects: SubjectNaming(salt: [1]))
    return KeyRotation(issuer: issuer, rule: Self.rule)
  }

  @Test func `the key that was made is told of, and the other is made by the next attempt`() async throws {
    let server = try await InProcessServer()
    let created = Clock.now
    try await KeyLifecycle.ensure(
      [.es256, .edDSA], snapshot: server.issuer.snapshot, store: server.store, keyFile: server.keyFile, now: created)
    let now = created + Self.rule.rotateAfter
    guard case .rotated(let first) = try await rotation(server, commits: 1).rotate(now: now) else {
      Issue.record("nothing was told of")
      return
    }
    #expect(first.count == 1)
    guard case .rotated(let second) = try await rotation(server, commits: 1).rotate(now: now) else {
      Issue.record("the other was not made")
      return
    }
    #expect(second.count == 1)
    #expect(Set([first, second].flatMap { $0.map(\.made.algorithm.description) }) == ["ES256", "EdDSA"])
  }

  @Test func `where no key could be made, that is the error`() async throws {
    let server = try await InProcessServer()
    let failing = try await rotation(server, commits: 0)
    await #expect(throws: StoreFailure.self) { try await failing.rotate(now: Clock.now + Self.rule.rotateAfter) }
  }
}
