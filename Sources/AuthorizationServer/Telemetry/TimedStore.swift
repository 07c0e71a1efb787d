import Storage
import Vocabulary

/// A store whose commits are timed: how long callers wait until what they were told is on the disk.
struct TimedStore: Store {
  let base: any Store
  let commits: Durations

  func commit(_ batch: Batch) async throws(StoreFailure) -> CommitOutcome {
    let watch = Stopwatch()
    defer { commits.add(watch) }
    return try await base.commit(batch)
  }

  func read(_ keys: [RecordKey]) async throws(StoreFailure) -> [StoredRecord?] { try await base.read(keys) }

  func readNow(_ keys: [RecordKey]) throws(StoreFailure) -> [StoredRecord?]? { try base.readNow(keys) }

  func list(_ listing: Listing) async throws(StoreFailure) -> [StoredRecord] { try await base.list(listing) }

  func sweep(expiredBefore moment: Instant, limit: Int) async throws(StoreFailure) -> Int {
    try await base.sweep(expiredBefore: moment, limit: limit)
  }

  func announcements() -> AsyncStream<Void>? { base.announcements() }

  func history() async throws(StoreFailure) -> StoreHistory? { try await base.history() }

  var logBytes: Int64? { base.logBytes }

  func logReaders() async -> [String] { await base.logReaders() }

  func inTurn(_ name: String, _ work: @Sendable (Instant?) async throws -> Void) async throws -> Bool {
    try await base.inTurn(name, work)
  }

  func close() async { await base.close() }
}
