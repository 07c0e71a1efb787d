import Dispatch
import Foundation
import GRDB
public import Storage
import Synchronization
public import Vocabulary

/// The engine on SQLite: a WAL file, `synchronous=FULL`, one writer that takes all waiting batches into one
/// transaction (`GroupCommit`), a log that is kept short beside it (`Checkpointer`). Other processes may read and write the same file beside it.
///
/// A class, because it owns connections.
public final class SQLiteStore: Store {
  /// How far a file is looked through for damage when it is opened.
  public enum Inspection: Sendable {
    /// Its first page, its log, its tables: for a command that runs beside the server.
    case glance
    /// Every page and every record of a file up to that many bytes; of a larger one every record, beside the work.
    /// Once damage is found, every verb throws it.
    case whole(upTo: Int)
  }

  let pool: DatabasePool
  let writer: GroupCommit
  let path: String
  /// Damage that was found beside the work.
  private let damage = Mutex<StoreFailure?>(nil)

  /// Opens a file that is there for reading alone: not a byte of it changes, and every writing verb throws `readOnly`.
  /// - Throws: `unavailable` when the file's schema is older than this program's.
  public init(reading path: String) throws(StoreFailure) {
    self.path = path
    do {
      // Before the pool is opened: closing the file afterwards would give up SQLite's own locks on it (POSIX, fcntl).
      let header = FileHeader(path: path)
      pool = try Self.open(path, forReading: true)
      try Damage.glance(pool, path, header)
      let schema = try pool.read { try Migrations.state($0, path) }
      guard schema.isUsable else { throw schema.refusal(of: path) }
      guard schema.pending.isEmpty || schema.version > schema.known else {
        throw StoreFailure.unavailable(
          "\(path) was written by an older version of Doorward; run doorward migrate first")
      }
      writer = GroupCommit(pool: pool, path: path)
    } catch { throw StoreFailure(error, path: path) }
  }

  /// Opens the file, or makes it; its folder must exist.
  public init(path: String, inspection: Inspection = .glance) throws(StoreFailure) {
    self.path = path
    do {
      let header = FileHeader(path: path)
      if WriteAheadLogFile(database: path).hasLostCommits {
        throw StoreFailure.damaged("\(path)-wal is damaged, and commits in it are lost; \(StoreFailure.whatToDo)")
      }
      var pool = try Self.open(path)
      try Damage.glance(pool, path, header)
      let schema = try pool.read { try Migrations.state($0, path) }
      if schema.version > 0, !schema.olderProgramsKeepWorking {
        try pool.close()
        do { try Migrations.applyAlone(path) } catch {
          // Another process of this version may have been faster.
          pool = try Self.open(path)
          guard try pool.read({ try Migrations.state($0, path) }).pending.isEmpty else { throw error }
          try pool.close()
        }
        pool = try Self.open(path)
      }
      self.pool = pool
      try Migrations.apply(to: pool, path: path, isSuspect: header?.looksOff ?? false)
      try Self.demandDurability(pool, path)
      writer = GroupCommit(pool: pool, path: path)
      if case .whole(let limit) = inspection {
        if header?.fileSize ?? 0 <= UInt64(max(0, limit)) {
          try Damage.lookThrough(pool, path)
        } else {
          lookThroughBesideTheWork()
        }
      }
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
    try demandWhole()
    do {
      return try pool.read { database in try keys.map { try RecordRow.find($0, database) } }
    } catch { throw StoreFailure(error, path: path) }
  }

  /// What takes longer is read on a thread of its own. GRDB's own asynchronous reading holds a reader while its task
  /// waits for one of Swift's threads; with all of these waiting for a reader in `found`, none would ever go on.
  func readAside<Value: Sendable>(
    _ value: @escaping @Sendable (Database) throws -> Value
  ) async throws(StoreFailure) -> Value {
    let result: Result<Value, StoreFailure> = await withCheckedContinuation { continuation in
      Self.aside.async { [pool, path] in
        do { continuation.resume(returning: .success(try pool.read(value))) } catch {
          continuation.resume(returning: .failure(StoreFailure(error, path: path)))
        }
      }
    }
    return try result.get()
  }

  private static let aside = DispatchQueue(label: "doorward.sqlite.reader", attributes: .concurrent)

  public func list(_ listing: Listing) async throws(StoreFailure) -> [StoredRecord] {
    try demandWhole()
    return try await readAside { try RecordRow.list(listing, $0) }
  }

  public func commit(_ batch: Batch) async throws(StoreFailure) -> CommitOutcome {
    try demandWhole()
    if batch.changes.contains(where: \.storesZeroByte) {
      throw .unavailable("a key or an index with a zero byte cannot be stored")
    }
    return try await writer.commit(batch)
  }

  public func sweep(expiredBefore moment: Instant, limit: Int) async throws(StoreFailure) -> Int {
    try demandWhole()
    return try await writer.perform { [writer] pool in
      var removed = 0
      try pool.writeWithoutTransaction { database in
        try database.inTransaction(.immediate) {
          removed = try RecordWriting.sweep(expiredBefore: moment, limit: limit, database)
          return removed > 0 ? .commit : .rollback
        }
      }
      if removed > 0 { writer.count(changes: removed) }
      return removed
    }
  }

  /// Looks through the whole file for damage: seconds for a large one.
  public func inspect() throws(StoreFailure) {
    do { try Damage.lookThrough(pool, path) } catch { throw StoreFailure(error, path: path) }
  }

  private func demandWhole() throws(StoreFailure) {
    if let found = damage.withLock({ $0 }) { throw found }
  }

  private func lookThroughBesideTheWork() {
    DispatchQueue.global(qos: .utility).async { [weak self] in
      var position: (String, String)? = ("", "")
      while let from = position {
        guard let self else { return }
        do { position = try Damage.lookThroughPage(self.pool, after: from) } catch {
          let failure = StoreFailure(error, path: self.path)
          // A store that was closed meanwhile is not damaged.
          guard case .damaged = failure else { return }
          return self.damage.withLock { $0 = failure }
        }
        usleep(1000)
      }
    }
  }

  public func close() async { await writer.close() }

  private static func open(_ path: String, forReading: Bool = false) throws -> DatabasePool {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard FileManager.default.fileExists(atPath: folder) else {
      throw StoreFailure.unavailable(
        "the folder \(folder) does not exist; create it, or name another file than \(path)")
    }
    var configuration = Configuration()
    configuration.readonly = forReading
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
      // Checkpoints are the checkpointer's; should it not get to them, the writer makes them after all.
      try database.execute(
        sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 16384; PRAGMA journal_size_limit = 67108864")
      return (
        try Int.fetchOne(database, sql: "PRAGMA synchronous"), try String.fetchOne(database, sql: "PRAGMA journal_mode")
      )
    }
    guard level == 2, mode == "wal" else {
      throw StoreFailure.unavailable("\(path): SQLite would not promise to write through to the disk")
    }
  }

}
