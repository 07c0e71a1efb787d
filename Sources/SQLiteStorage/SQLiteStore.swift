import Foundation
import GRDB
public import Storage
import Synchronization
public import Vocabulary

/// The engine on SQLite: a WAL file, `synchronous=FULL`, one writer that takes all waiting batches into one
/// transaction (`GroupCommit`). Other processes may open the same file beside it.
public final class SQLiteStore: Store {
  private let pool: DatabasePool
  private let writer: GroupCommit

  public init(path: String) throws(StoreFailure) {
    do {
      let folder = (path as NSString).deletingLastPathComponent
      guard folder.isEmpty || FileManager.default.fileExists(atPath: folder) else {
        throw StoreFailure.unavailable("the folder \(folder) does not exist; create it, or name another with --data")
      }
      var configuration = GRDB.Configuration()
      configuration.busyMode = .timeout(5)
      configuration.maximumReaderCount = 4
      pool = try DatabasePool(path: path, configuration: configuration)
      // DatabasePool sets NORMAL when it opens; an answered commit must survive a power cut.
      try pool.barrierWriteWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
      try Migrations.apply(to: pool)
      writer = GroupCommit(pool: pool)
    } catch let failure as StoreFailure { throw failure } catch { throw StoreFailure(error, path: path) }
  }

  /// How many transactions were written: with all waiting batches in one, fewer than commits.
  public var transactions: Int { writer.transactions }

  public func read(_ keys: [RecordKey]) async throws(StoreFailure) -> [StoredRecord?] {
    do {
      return try await pool.read { database in try keys.map { try RecordRow.find($0, database) } }
    } catch { throw StoreFailure(error) }
  }

  public func list(_ listing: Listing) async throws(StoreFailure) -> [StoredRecord] {
    do { return try await pool.read { try RecordRow.list(listing, $0) } } catch { throw StoreFailure(error) }
  }

  public func commit(_ batch: Batch) async throws(StoreFailure) -> CommitOutcome {
    try await writer.commit(batch)
  }

  public func sweep(expiredBefore moment: Instant, limit: Int) async throws(StoreFailure) -> Int {
    do {
      return try await pool.write { database in
        let rows = try Row.fetchAll(
          database,
          sql: "SELECT kind, key FROM record WHERE expires IS NOT NULL AND expires < ? ORDER BY expires LIMIT ?",
          arguments: [moment.millisecondsSince1970, limit])
        for row in rows { try RecordRow.remove(kind: row[0], key: row[1], database) }
        return rows.count
      }
    } catch { throw StoreFailure(error) }
  }

  public func close() async { try? pool.close() }
}
