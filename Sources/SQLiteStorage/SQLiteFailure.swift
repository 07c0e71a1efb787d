import GRDB
public import Storage

extension StoreFailure {
  /// What SQLite's result codes mean for a caller; never with the content of a statement.
  init(_ error: any Error, path: String = "the database") {
    if let failure = error as? StoreFailure {
      self = failure
      return
    }
    guard let error = error as? DatabaseError else {
      self = .unavailable("\(path): \(type(of: error))")
      return
    }
    let words = error.message ?? "result code \(error.extendedResultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_READONLY, .SQLITE_PERM: self = .readOnly("\(path): \(words); make the file and its folder writable")
    case .SQLITE_FULL: self = .full("\(path): \(words); free some space")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self = .damaged("\(path): \(words); stop the server and restore a backup, or move the file away to start anew")
    case .SQLITE_CANTOPEN: self = .unavailable("\(path): \(words); check that the folder exists and may be read")
    default: self = .unavailable("\(path): \(words)")
    }
  }
}
