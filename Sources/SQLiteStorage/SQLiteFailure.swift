import GRDB
import Storage

extension StoreFailure {
  /// What SQLite's result codes mean for a caller, and what to do about it. SQLite's own words name tables and
  /// columns, never values, so no record's content gets out this way.
  init(_ error: any Error, path: String) {
    if let failure = error as? StoreFailure {
      self = failure
      return
    }
    if let damage = error as? RecordDamage {
      self = .damaged("\(path): a \(damage.kind) record is not what was written; \(Self.whatToDo)")
      return
    }
    if error is RowDecodingError {
      self = .damaged("\(path): a row has values that were never written; \(Self.whatToDo)")
      return
    }
    guard let error = error as? DatabaseError else {
      self = .unavailable("\(path): \(type(of: error))")
      return
    }
    let words = error.message ?? "SQLite result code \(error.extendedResultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_READONLY, .SQLITE_PERM:
      self = .readOnly("\(path): \(words); make the file and its folder writable for this user")
    case .SQLITE_FULL:
      self = .full("\(path): \(words); free some space")
    case .SQLITE_IOERR:
      self = .unavailable("\(path): \(words); the disk is full or fails: look at its free space and the system's log")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self = .damaged("\(path): \(words); \(Self.whatToDo)")
    case .SQLITE_CANTOPEN:
      self = .unavailable("\(path): \(words); check that the folder exists and that this user may read and write it")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self = .unavailable("\(path): \(words); another process has been writing to it for more than five seconds")
    case .SQLITE_MISUSE:
      self = .unavailable("\(path): the store is closed")
    default:
      self = .unavailable("\(path): \(words)")
    }
  }

  static let closed = StoreFailure.unavailable("the store is closed")

  static let whatToDo = "stop the server and restore a backup, or move the file away to start anew"
}
