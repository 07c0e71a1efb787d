import Vocabulary

/// What is in a store, as of one moment.
public struct StoreCensus: Equatable, Sendable {
  /// How many records there are of each kind, by its stored name: also of kinds that this program does not know.
  public let counts: [String: Int]
  /// The number of the last commit: when it is the same later, nothing was written meanwhile.
  public let revision: Int64

  public init(counts: [String: Int], revision: Int64) {
    self.counts = counts
    self.revision = revision
  }

  public var total: Int { counts.values.reduce(0, +) }

  /// Kinds that only a newer program can read.
  public var unknownKinds: [String] { counts.keys.filter { RecordKind(rawValue: $0) == nil }.sorted() }
}

/// What a store is copied from.
public protocol StoreExport: Sendable {
  /// As `Store.list`.
  func list(_ listing: Listing) async throws(StoreFailure) -> [StoredRecord]
  func census() async throws(StoreFailure) -> StoreCensus
  func close() async
}

/// What a store is copied to. An engine adopts it beside `Store`; accepted by `StorageConformance`.
public protocol StoreImport: Store, StoreExport {
  /// Adds records as they are: with version, revision, closing, expiry, indexes and body. All of them or none;
  /// durable when answered. `conflict`: one of them is there already, and nothing was changed.
  ///
  /// Afterwards the change feed tells of each that is announced (an announced kind, or closed) at its own revision,
  /// and the next commit has a larger revision than any of them. The store is in nobody else's use meanwhile: who
  /// follows the feed would miss what is imported behind them.
  func importRecords(_ records: [StoredRecord]) async throws(StoreFailure) -> CommitOutcome
}

extension StoredRecord {
  /// Whether the change feed tells of it.
  public var isAnnounced: Bool { key.kind.isAnnounced || closedAt != nil }
}
