import Foundation
import GRDB
public import Storage

/// A store's file while nobody else has it: it is opened only when no other process has, and none can open it until it
/// is closed. (SQLite's exclusive locking mode: every process that has a WAL file open holds a shared lock on it, also
/// when it does nothing.)
///
/// A class, because it owns the connection.
public final class HeldSQLiteFile: StoreExport {
  let queue: DatabaseQueue
  private let path: String

  /// - Throws: `unavailable` when another process has the file.
  public init(path: String) throws(StoreFailure) {
    self.path = path
    guard FileManager.default.fileExists(atPath: path) else {
      throw .unavailable("there is no database at \(path)")
    }
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(1)
      configuration.prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
      queue = try DatabaseQueue(path: path, configuration: configuration)
      // In the other journal modes only writing takes the lock.
      try queue.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE; COMMIT") }
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

  public func census() async throws(StoreFailure) -> StoreCensus { try reading(Census.take) }

  /// Every page and every record.
  public func inspect() throws(StoreFailure) { try reading { [path] in try Damage.lookThrough($0, path) } }

  public func close() async { closeNow() }

  func closeNow() { try? queue.close() }

  private func reading<Value>(_ read: (Database) throws -> Value) throws(StoreFailure) -> Value {
    do { return try queue.read(read) } catch { throw StoreFailure(error, path: path) }
  }
}
