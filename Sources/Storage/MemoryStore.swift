public import Vocabulary

/// The engine for tests: a dictionary behind an actor, which protects it. Nothing outlives it.
public actor MemoryStore: StoreImport {
  /// Keys are told apart byte for byte, as every other engine does. (Swift's strings call the two spellings
  /// of "é" equal, a database does not.)
  private struct Address: Hashable, Comparable {
    let kind: RecordKind
    let key: [UInt8]

    init(_ key: RecordKey) {
      kind = key.kind
      self.key = Array(key.key.utf8)
    }

    static func < (a: Address, b: Address) -> Bool {
      a.kind == b.kind ? a.key.lexicographicallyPrecedes(b.key) : a.kind.rawValue < b.kind.rawValue
    }
  }

  private struct State {
    var records: [Address: StoredRecord] = [:]
    var announced: Set<Address> = []
    var revision: Int64 = 0
  }

  private var state = State()
  private var failure: StoreFailure?
  private var isClosed = false

  public init() {}

  /// Makes every verb throw, until it is given `nil`: how a test takes the store away.
  public func fail(with failure: StoreFailure?) { self.failure = failure }

  public func read(_ keys: [RecordKey]) async throws(StoreFailure) -> [StoredRecord?] {
    try check()
    return keys.map { state.records[Address($0)] }
  }

  public func list(_ listing: Listing) async throws(StoreFailure) -> [StoredRecord] {
    try check()
    switch listing {
    case .all(let kind, let after, let limit):
      return page(kind, after, limit) { _ in true }
    case .indexed(let kind, let name, let value, let after, let limit):
      return page(kind, after, limit) { $0.indexes[name].map { $0.utf8.elementsEqual(value.utf8) } ?? false }
    case .closed(let kind, let since, let after, let limit):
      return page(kind, after, limit) { $0.closedAt.map { $0 >= since } ?? false }
    case .changed(let revision, let limit):
      return changed(after: revision, limit)
    }
  }

  public func commit(_ batch: Batch) async throws(StoreFailure) -> CommitOutcome {
    try check()
    var next = state
    next.revision += 1
    for change in batch.changes where !Self.apply(change, to: &next) { return .conflict }
    state = next
    return .committed
  }

  public func sweep(expiredBefore moment: Instant, limit: Int) async throws(StoreFailure) -> Int {
    try check()
    let over = state.records.filter { $0.value.expiresAt.map { $0 < moment } ?? false }.keys.prefix(max(0, limit))
    for address in over {
      state.records[address] = nil
      state.announced.remove(address)
    }
    return over.count
  }

  public func census() async throws(StoreFailure) -> StoreCensus {
    try check()
    let counts = Dictionary(grouping: state.records.keys, by: \.kind.rawValue).mapValues(\.count)
    return StoreCensus(counts: counts, revision: state.revision)
  }

  public func importRecords(_ records: [StoredRecord]) async throws(StoreFailure) -> CommitOutcome {
    try check()
    var next = state
    for record in records {
      let address = Address(record.key)
      guard next.records[address] == nil else { return .conflict }
      next.records[address] = record
      if record.isAnnounced { next.announced.insert(address) }
      next.revision = max(next.revision, record.revision)
    }
    state = next
    return .committed
  }

  public func close() async { isClosed = true }

  private func check() throws(StoreFailure) {
    if isClosed { throw .unavailable("the store is closed") }
    if let failure { throw failure }
  }

  private func page(
    _ kind: RecordKind, _ after: String?, _ limit: Int, _ isIncluded: (StoredRecord) -> Bool
  ) -> [StoredRecord] {
    let start = after.map { Address(RecordKey(kind, $0)) }
    let found = state.records.filter { address, record in
      address.kind == kind && (start.map { $0 < address } ?? true) && isIncluded(record)
    }
    return found.sorted { $0.key < $1.key }.prefix(max(0, limit)).map(\.value)
  }

  private func changed(after revision: Int64, _ limit: Int) -> [StoredRecord] {
    let found: [(address: Address, record: StoredRecord)] = state.announced.compactMap { address in
      guard let record = state.records[address], record.revision > revision else { return nil }
      return (address, record)
    }
    let sorted = found.sorted { a, b in
      if a.record.revision != b.record.revision { return a.record.revision < b.record.revision }
      return a.address < b.address
    }
    let all = sorted.map(\.record)
    guard all.count > limit else { return all }
    let cut = all[limit].revision
    let whole = all.filter { $0.revision < cut }
    return whole.isEmpty ? all.filter { $0.revision <= cut } : whole
  }

  /// Answers whether the change could be made.
  private static func apply(_ change: StoredChange, to state: inout State) -> Bool {
    switch change {
    case .insert(let key, let body, let expires, let indexes):
      let address = Address(key)
      guard state.records[address] == nil else { return false }
      state.records[address] = StoredRecord(
        key: key, version: 1, revision: state.revision, closedAt: nil, expiresAt: expires, indexes: indexes, body: body)
      if key.kind.isAnnounced { state.announced.insert(address) }
    case .replace(let key, let version, let body, let expires, let indexes):
      let address = Address(key)
      guard let old = state.records[address], old.version == version, old.closedAt == nil else { return false }
      state.records[address] = StoredRecord(
        key: key, version: version + 1, revision: state.revision, closedAt: nil, expiresAt: expires, indexes: indexes,
        body: body)
    case .require(let key, let version):
      guard let old = state.records[Address(key)], old.version == version, old.closedAt == nil else { return false }
    case .close(let key, let moment):
      let address = Address(key)
      guard let old = state.records[address], old.closedAt == nil else { return true }
      state.records[address] = StoredRecord(
        key: key, version: old.version + 1, revision: state.revision, closedAt: moment, expiresAt: old.expiresAt,
        indexes: old.indexes, body: old.body)
      state.announced.insert(address)
    case .remove(let key):
      state.records[Address(key)] = nil
      state.announced.remove(Address(key))
    }
    return true
  }
}
