import Foundation
import GRDB
public import Storage
public import Vocabulary

/// The engine on SQLite: a WAL file, `synchronous=FULL`, one writer that takes all waiting batches into one
/// transaction (`GroupCommit`). Other processes may read and write the same file beside it.
///
/// A class, because it owns connections.
public final class SQLiteStore: Store {
  let pool: DatabasePool
  private let writer: GroupCommit
  private let path: String

  /// Opens the file, or makes it; its folder must exist.
  public init(path: String) throws(StoreFailure) {
    self.path = path
    do {
      let looksOff = FileHeader(path: path)?.looksOff ?? false
      pool = try Self.open(path)
      if looksOff { try Self.inspect(pool, path) }
      try Migrations.apply(to: pool, path: path)
      try Self.demandDurability(pool, path)
      writer = GroupCommit(pool: pool, path: path)
    } catch { throw StoreFailure(error, path: path) }
  }

  /// How many transactions were written to the disk: with all waiting batches in one, fewer than commits.
  public var transactions: Int { writer.transactions }

  /// Reads on the calling thread: no writer is ever waited for, and a page in memory takes microseconds, where
  /// changing threads twice takes tens of them.
  public func read(_ keys: [RecordKey]) async throws(StoreFailure) -> [StoredRecord?] {
    try found(keys)
  }

  public func readNow(_ keys: [RecordKey]) throws(StoreFailure) -> [StoredRecord?]? { try found(keys) }

  private func found(_ keys: [RecordKey]) throws(StoreFailure) -> [StoredRecord?] {
    do {
      return try pool.read { database in try keys.map { try RecordRow.find($0, database) } }
    } catch { throw StoreFailure(error, path: path) }
  }

  public func list(_ listing: Listing) async throws(StoreFailure) -> [StoredRecord] {
    do {
      return try await pool.read { try RecordRow.list(listing, $0) }
    } catch { throw StoreFailure(error, path: path) }
  }

  public func commit(_ batch: Batch) async throws(StoreFailure) -> CommitOutcome {
    if batch.changes.contains(where: \.storesZeroByte) {
      throw .unavailable("a key or an index with a zero byte cannot be stored")
    }
    return try await writer.commit(batch)
  }

  public func sweep(expiredBefore moment: Instant, limit: Int) async throws(StoreFailure) -> Int {
    try await writer.perform { [writer] pool in
      var removed = 0
      try pool.writeWithoutTransaction { database in
        try database.inTransaction(.immediate) {
          removed = try RecordWriting.sweep(expiredBefore: moment, limit: limit, database)
          return removed > 0 ? .commit : .rollback
        }
      }
      if removed > 0 { writer.count(transactions: 1) }
      return removed
    }
  }

  /// Looks through the whole file for damage: seconds for a large one. `init` does so when the header looks off.
  public func inspect() throws(StoreFailure) {
    do { try Self.inspect(pool, path) } catch { throw StoreFailure(error, path: path) }
  }

  public func close() async { await writer.close() }

  private static func open(_ path: String) throws -> DatabasePool {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard FileManager.default.fileExists(atPath: folder) else {
      throw StoreFailure.unavailable(
        "the folder \(folder) does not exist; create it, or name another file than \(path)")
    }
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    configuration.maximumReaderCount = 4
    // Two processes that open a new file at once may collide at the change to WAL, where SQLite does not wait.
    for pause in [0.02, 0.1, 0.5] {
      do { return try DatabasePool(path: path, configuration: configuration) } catch let error as DatabaseError
        where error.resultCode == .SQLITE_BUSY
      { Thread.sleep(forTimeInterval: pause) }
    }
    return try DatabasePool(path: path, configuration: configuration)
  }

  /// GRDB sets NORMAL when it opens a pool; an answered commit must survive a power cut.
  private static func demandDurability(_ pool: DatabasePool, _ path: String) throws {
    let (level, mode) = try pool.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA synchronous = FULL")
      return (
        try Int.fetchOne(database, sql: "PRAGMA synchronous"), try String.fetchOne(database, sql: "PRAGMA journal_mode")
      )
    }
    guard level == 2, mode == "wal" else {
      throw StoreFailure.unavailable("\(path): SQLite would not promise to write through to the disk")
    }
  }

  private static func inspect(_ pool: DatabasePool, _ path: String) throws {
    let verdict = try pool.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
    if verdict != "ok" { throw StoreFailure.damaged("\(path) is damaged; \(StoreFailure.whatToDo)") }
  }
}
