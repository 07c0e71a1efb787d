public import Vocabulary

/// The engine for tests: a dictionary behind an actor, which protects it.
public actor MemoryStore: Store {
  private var records: [RecordKey: StoredRecord] = [:]
  private var announced: Set<RecordKey> = []
  private var revision: Int64 = 0
  private var failure: StoreFailure?

  public init() {}

  /// Makes every verb throw, until it is set to `nil` again.
  public func fail(with failure: StoreFailure?) { self.failure = failure }

  private func check() throws(StoreFailure) {
    if let failure { throw failure }
  }

  public func read(_ keys: [RecordKey]) async throws(StoreFailure) -> [StoredRecord?] {
    try check()
    return keys.map { records[$0] }
  }

  public func list(_ listing: Listing) async throws(StoreFailure) -> [StoredRecord] {
    try check()
    switch listing {
    case .all(let kind, let after, let limit): return page(after, limit) { $0.key.kind == kind }
    case .indexed(let kind, let name, let value, let after, let limit):
      return page(after, limit) { $0.key.kind == kind && $0.indexes[name] == value }
    case .closed(let kind, let since, let after, let limit):
      return page(after, limit) { $0.key.kind == kind && ($0.closedAt.map { $0 >= since } ?? false) }
    case .changed(let revision, let limit):
      let all = announced.compactMap { records[$0] }.filter { $0.revision > revision }
        .sorted { ($0.revision, $0.key.kind.rawValue, $0.key.key) < ($1.revision, $1.key.kind.rawValue, $1.key.key) }
      guard all.count > limit else { return all }
      let cut = all[limit].revision
      let whole = all.filter { $0.revision < cut }
      return whole.isEmpty ? all.filter { $0.revision <= cut } : whole
    }
  }

  private func page(_ after: String?, _ limit: Int, _ isIncluded: (StoredRecord) -> Bool) -> [StoredRecord] {
    Array(
      records.values.filter { isIncluded($0) && $0.key.key > (after ?? "") }.sorted { $0.key.key < $1.key.key }
        .prefix(limit))
  }

  public func commit(_ batch: Batch) async throws(StoreFailure) -> CommitOutcome {
    try check()
    let before = (records, announced)
    revision += 1
    for change in batch.changes where !apply(change) {
      (records, announced) = before
      return .conflict
    }
    return .committed
  }

  private func apply(_ change: StoredChange) -> Bool {
    switch change {
    case .insert(let key, let body, let expires, let indexes):
      guard records[key] == nil else { return false }
      records[key] = StoredRecord(
        key: key, version: 1, revision: revision, closedAt: nil, expiresAt: expires, indexes: indexes, body: body)
      if key.kind.isAnnounced { announced.insert(key) }
    case .replace(let key, let version, let body, let expires, let indexes):
      guard let old = records[key], old.version == version, old.closedAt == nil else { return false }
      records[key] = StoredRecord(
        key: key, version: version + 1, revision: revision, closedAt: nil, expiresAt: expires, indexes: indexes,
        body: body)
    case .close(let key, let at):
      guard let old = records[key], old.closedAt == nil else { return true }
      records[key] = StoredRecord(
        key: key, version: old.version + 1, revision: revision, closedAt: at, expiresAt: old.expiresAt,
        indexes: old.indexes, body: old.body)
      announced.insert(key)
    case .remove(let key):
      records[key] = nil
      announced.remove(key)
    }
    return true
  }

  public func sweep(expiredBefore moment: Instant, limit: Int) async throws(StoreFailure) -> Int {
    try check()
    let over = records.values.filter { $0.expiresAt.map { $0 < moment } ?? false }.prefix(limit)
    for record in over {
      records[record.key] = nil
      announced.remove(record.key)
    }
    return over.count
  }

  public func close() async { failure = .unavailable("the store is closed") }
}
