public import Vocabulary

/// A store that is read and never written: what is committed to it is forgotten, and answered as if it had been kept.
/// With it the very code that serves can tell what it would do.
public struct UnwritingStore: Store {
  private let base: any Store

  public init(_ base: any Store) { self.base = base }

  public func read(_ keys: [RecordKey]) async throws(StoreFailure) -> [StoredRecord?] { try await base.read(keys) }

  public func readNow(_ keys: [RecordKey]) throws(StoreFailure) -> [StoredRecord?]? { try base.readNow(keys) }

  public func list(_ listing: Listing) async throws(StoreFailure) -> [StoredRecord] { try await base.list(listing) }

  public func commit(_ batch: Batch) async throws(StoreFailure) -> CommitOutcome { .committed }

  public func sweep(expiredBefore moment: Instant, limit: Int) async throws(StoreFailure) -> Int { 0 }

  public func close() async { await base.close() }
}
