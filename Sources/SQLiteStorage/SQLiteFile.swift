import Foundation
import GRDB
public import Storage

/// A store's file to copy from or to look through; its schema stays as it is.
///
/// A class, because it owns the connection.
public final class SQLiteFile: StoreExport {
  public enum Access: Sendable {
    /// Beside a server that goes on writing.
    case shared
    /// It is opened only when no other process has it open, and none can open it until it is closed. (SQLite's exclusive
    /// locking mode: every process that has a WAL file open holds a shared lock on it, also when it does nothing.)
    case alone
    /// Nothing is written, not even a log: for a file that nobody uses, as one in a backup.
    case reading
  }

  let queue: DatabaseQueue
  private let path: String

  /// - Throws: `unavailable` when it is wanted alone and another process has it.
  public init(path: String, _ access: Access) throws(StoreFailure) {
    self.path = path
    guard FileManager.default.fileExists(atPath: path) else {
      throw .unavailable("there is no database at \(path)")
    }
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(access == .alone ? 1 : 5)
      configuration.readonly = access == .reading
      if access == .alone {
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
      }
      queue = try DatabaseQueue(path: path, configuration: configuration)
      // In the other journal modes only writing takes the lock.
      if access == .alone { try queue.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE; COMMIT") } }
    } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
      throw .unavailable("\(path) is in use: stop the server, and whatever else has the file open, and try again")
    } catch { throw StoreFailure(error, path: path) }
  }

  public func schema() throws(StoreFailure) -> SchemaState {
    try reading { [path] in try Migrations.state($0, path) }
  }

  public func list(_ listing: Listing) async throws(StoreFailure) -> [StoredRecord] {
    try reading { try RecordRow.list(listing, $0) }
  }

  /// In short readings: exact where nobody else writes.
  public func census() async throws(StoreFailure) -> StoreCensus {
    do { return try Census.take { try queue.read($0) } } catch { throw StoreFailure(error, path: path) }
  }

  /// Looks through every page and every record, as of one moment. A file of the first version has no checksums: there
  /// the pages have to do.
  public func lookThrough(_ use: (StoredRecord) throws -> Void) throws(StoreFailure) {
    try reading { [path] database in
      if try Migrations.state(database, path).version > 1 {
        try Damage.lookThrough(database, path, use)
      } else {
        try Damage.demandSoundPages(database, path)
      }
    }
  }

  /// A copy of all of it as of one moment, into a file that is not there yet; it is not synced to the disk.
  ///
  /// `VACUUM INTO` and not SQLite's page-wise backup, which begins anew with every commit of another process, and
  /// copies damaged pages as they are. This reads every row once, so that damage is an error here, and leaves out what was
  /// deleted. Nobody waits for it; the server's log cannot begin anew until it is done.
  public func copy(to target: String) throws(StoreFailure) {
    do {
      try queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [target]) }
    } catch { throw StoreFailure(error, path: path) }
  }

  public func close() async { closeNow() }

  func closeNow() { try? queue.close() }

  private func reading<Value>(_ read: (Database) throws -> Value) throws(StoreFailure) -> Value {
    do { return try queue.read(read) } catch { throw StoreFailure(error, path: path) }
  }
}
