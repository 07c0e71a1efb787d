import Synchronization
public import Vocabulary

/// A store that can be told to fail for a while: what a server in test mode stands on, so that a client can be tried
/// against a store that is away, read-only or full. A live server has none.
///
/// A class, since the endpoint that switches it and everybody who reads share one; the lock protects the switch.
public final class FaultyStore: Store {
  public enum Fault: String, CaseIterable, Sendable {
    case unavailable
    case readOnly = "read_only"
    case full
  }

  private let base: any Store
  /// By the machine's own clock: the server's may have been shifted.
  private let state = Mutex<(fault: Fault, until: ContinuousClock.Instant)?>(nil)

  public init(_ base: any Store) { self.base = base }

  /// - Parameter seconds: after which it works again by itself.
  public func fail(_ fault: Fault?, seconds: Int) {
    state.withLock { $0 = fault.map { ($0, ContinuousClock.now + .seconds(seconds)) } }
  }

  private var fault: Fault? {
    state.withLock { state in
      if let until = state?.until, ContinuousClock.now >= until { state = nil }
      return state?.fault
    }
  }

  private func checkReading() throws(StoreFailure) {
    if fault == .unavailable { throw .unavailable("switched off in test mode") }
  }

  private func checkWriting() throws(StoreFailure) {
    switch fault {
    case nil: return
    case .unavailable: throw .unavailable("switched off in test mode")
    case .readOnly: throw .readOnly("switched to read-only in test mode")
    case .full: throw .full("switched to full in test mode")
    }
  }

  public func read(_ keys: [RecordKey]) async throws(StoreFailure) -> [StoredRecord?] {
    try checkReading()
    return try await base.read(keys)
  }

  public func readNow(_ keys: [RecordKey]) throws(StoreFailure) -> [StoredRecord?]? {
    try checkReading()
    return try base.readNow(keys)
  }

  public func list(_ listing: Listing) async throws(StoreFailure) -> [StoredRecord] {
    try checkReading()
    return try await base.list(listing)
  }

  public func commit(_ batch: Batch) async throws(StoreFailure) -> CommitOutcome {
    try checkWriting()
    return try await base.commit(batch)
  }

  public func sweep(expiredBefore moment: Instant, limit: Int) async throws(StoreFailure) -> Int {
    try checkWriting()
    return try await base.sweep(expiredBefore: moment, limit: limit)
  }

  public func inTurn(_ name: String, _ work: @Sendable (Instant?) async throws -> Void) async throws -> Bool {
    try checkReading()
    return try await base.inTurn(name, work)
  }

  public func announcements() -> AsyncStream<Void>? { base.announcements() }

  public func history() async throws(StoreFailure) -> StoreHistory? {
    try checkReading()
    return try await base.history()
  }

  public var logBytes: Int64? { base.logBytes }
  public func logReaders() async -> [String] { await base.logReaders() }

  public func close() async { await base.close() }
}
