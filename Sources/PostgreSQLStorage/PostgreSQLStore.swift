#if PostgreSQL
import Dispatch
public import Storage
public import Vocabulary

/// The engine on PostgreSQL, for several nodes on one database. Reads and commits have connections of their own; each
/// commit is one call of a function in the server (`CommitFunction`); a further connection listens for what other
/// nodes announce.
///
/// A class, because it owns connections.
public final class PostgreSQLStore: Store {
  let address: DatabaseAddress
  let schemaName: String
  let reads: ReadQueue
  let commits: CommitQueue
  private let news: Announcements
  private let statementLimit: Int
  private let connections: [Connection]
  private let wakers: [Wakers]

  /// Connects, and brings the schema up to date; waits for the server, a few seconds at most.
  /// - Parameters:
  ///   - schema: where the tables are; a plain name in lower case.
  ///   - statementLimit: how long the server may work on one statement, in milliseconds.
  public init(
    _ address: DatabaseAddress, schema: String = "doorward", readers: Int = 2, writers: Int = 3,
    statementLimit: Int = 5000
  ) throws(StoreFailure) {
    guard schema.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }),
      schema.utf8.first.map({ $0 > 57 }) ?? false
    else { throw .unavailable("the schema's name must be of a-z, 0-9 and _") }
    self.address = address
    schemaName = schema
    self.statementLimit = statementLimit
    let session = try Session(address)
    try session.settle(limit: statementLimit)
    try session.demandUnicode()
    try Pooling(address: address).demandBySession(session)
    try Migrations(schema: schema).apply(session)

    let channel = "\(schema)_changes"
    let (readerWakers, writerWakers, all) = (Wakers(), Wakers(), Wakers())
    reads = ReadQueue(address) { readerWakers.wake() }
    commits = CommitQueue(
      address, channel: channel, writers: writers, patience: .milliseconds(statementLimit * 2)
    ) { writerWakers.wake() }
    news = Announcements()
    func plan(_ name: String) -> ConnectionPlan {
      ConnectionPlan(
        name: name, address: address, schema: schema, statementLimit: statementLimit, came: { all.hurry() },
        fellSilent: { all.doubt() })
    }
    var reader = plan("reader")
    reader.statements = [.read, .all, .indexed, .closed, .changed, .changedWhole, .census, .history]
    reader.depth = 2
    var writer = plan("writer")
    writer.statements = [.commit, .sweep, .import]
    var listener = plan("listener")
    listener.listensTo = channel
    listener.notified = { [news] in news.tell() }
    let readerConnections = (0..<readers).map { [reads] _ in Connection(reader, reads) }
    let writerConnections = (0..<writers).map { [commits] _ in Connection(writer, commits) }
    readerWakers.set(readerConnections)
    writerWakers.set(writerConnections)
    connections = readerConnections + writerConnections + [Connection(listener, news)]
    all.set(connections)
    wakers = [readerWakers, writerWakers, all]
    all.wake()
  }

  /// How many calls committed batches: with all waiting ones in one, fewer than commits.
  public var transactions: Int { commits.calls }

  public func read(_ keys: [RecordKey]) async throws(StoreFailure) -> [StoredRecord?] { try await reads.read(keys) }

  public func list(_ listing: Listing) async throws(StoreFailure) -> [StoredRecord] {
    switch listing {
    case .all(let kind, let after, let limit):
      guard Self.isText(after) else { return [] }
      return try await reads.list(
        .all, [BinaryValue.text(kind.rawValue), BinaryValue.text(after ?? ""), Self.count(limit)])
    case .indexed(let kind, let name, let value, let after, let limit):
      guard Self.isText(name), Self.isText(value), Self.isText(after) else { return [] }
      let texts = [kind.rawValue, name, value, after ?? ""].map(BinaryValue.text)
      return try await reads.list(.indexed, texts + [Self.count(limit)])
    case .closed(let kind, let since, let after, let limit):
      guard Self.isText(after) else { return [] }
      return try await reads.list(
        .closed,
        [
          BinaryValue.text(kind.rawValue), BinaryValue.text(after ?? ""),
          BinaryValue.integer(since.millisecondsSince1970), Self.count(limit),
        ])
    case .changed(let revision, let limit): return try await changed(after: revision, limit)
    }
  }

  /// A process of an older version beside a newer one: it passes over kinds it knows nothing of.
  private static let known = BinaryValue.array(RecordKind.allCases.map(\.rawValue))

  /// A page ends between revisions: a reader that goes on "after revision N" must not have seen half of N.
  private func changed(after revision: Int64, _ limit: Int) async throws(StoreFailure) -> [StoredRecord] {
    let limit = max(0, min(limit, Int(Int32.max)))
    let page = try await reads.list(
      .changed, [BinaryValue.integer(revision), Self.known, BinaryValue.integer(Int64(limit) + 1)])
    guard page.count > limit, let cut = page.last?.revision else { return page }
    let whole = page.filter { $0.revision < cut }
    if !whole.isEmpty { return whole }
    return try await reads.list(
      .changedWhole, [BinaryValue.integer(revision), Self.known, BinaryValue.integer(cut)])
  }

  public func commit(_ batch: Batch) async throws(StoreFailure) -> CommitOutcome {
    if batch.changes.contains(where: \.storesZeroByte) {
      throw .unavailable("a key or an index with a zero byte cannot be stored")
    }
    var changes: [StoredChange] = []
    for change in batch.changes {
      if change.key.isStorable {
        changes.append(change)
        continue
      }
      switch change {
      case .require, .replace, .insert: return .conflict
      case .close, .remove: continue
      }
    }
    guard let net = try? NetChange.all(Batch(changes)) else {
      try commits.check()
      return .conflict
    }
    if net.isEmpty {
      try commits.check()
      return .committed
    }
    return try await commits.commit(net)
  }

  public func sweep(expiredBefore moment: Instant, limit: Int) async throws(StoreFailure) -> Int {
    try await commits.sweep([BinaryValue.integer(moment.millisecondsSince1970), Self.count(limit)])
  }

  public func announcements() -> AsyncStream<Void>? { news.stream() }

  public func history() async throws(StoreFailure) -> StoreHistory? { try await reads.history() }

  public func inTurn(_ name: String, _ work: @Sendable (Instant?) async throws -> Void) async throws -> Bool {
    // After `close`, and where the database is known to be away.
    try commits.check()
    let turn = Turn()
    guard let time = try await turn.take(name, of: schemaName, at: address, limit: statementLimit) else { return false }
    do { try await work(time) } catch {
      await turn.end()
      throw error
    }
    await turn.end()
    return true
  }

  public func close() async {
    await commits.drain()
    reads.close()
    commits.close()
    news.close()
    for connection in connections { await connection.close() }
    for waker in wakers { waker.set([]) }
  }

  private static func isText(_ value: String?) -> Bool { !(value?.utf8.contains(0) ?? false) }

  private static func count(_ limit: Int) -> [UInt8] { BinaryValue.integer(Int64(max(0, limit))) }
}
#endif
