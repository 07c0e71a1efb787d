import ArgumentParser
public import AuthorizationServer
import Foundation
public import SQLiteStorage
import Storage

/// The folder that holds everything a server keeps: database, journal, key file.
struct DataFolder: Sendable {
  let path: String
  let database: String?

  /// - Parameter create: make the folder where there is none; commands that only look do not.
  init(path: String, database: String? = nil, create: Bool) throws {
    self.path = path
    // Whatever is made from here on is for this user only, also in a folder that others may read.
    umask(0o077)
    if let database, !database.hasPrefix("sqlite:") {
      throw Ending.usage("--database \(database) is not served yet; use sqlite:PATH")
    }
    self.database = database.map { String($0.dropFirst("sqlite:".count)) }
    var isFolder: ObjCBool = false
    if !FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
      guard create else { throw Ending.unavailable("the folder \(path) does not exist; name the server's with --data") }
      do {
        try FileManager.default.createDirectory(
          atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      } catch { throw Ending.unavailable("the folder \(path) cannot be made; name another with --data") }
    } else if !isFolder.boolValue {
      throw Ending.unavailable("\(path) is not a folder; name another with --data")
    }
  }

  func openStore() throws -> SQLiteStore {
    do { return try SQLiteStore(path: database ?? path + "/doorward.sqlite") } catch {
      throw Ending.unavailable(describe(error))
    }
  }

  func openJournal(readOnly: Bool = false) throws -> JournalFile {
    do { return try JournalFile(path: path + "/journal.sqlite", readOnly: readOnly) } catch {
      throw Ending.unavailable(describe(error))
    }
  }

  func openKeyFile() throws -> KeyFile {
    do { return try KeyFile(path: path + "/key") } catch { throw Ending.unavailable("\(error)") }
  }
}

extension JournalFile: JournalSink {}

/// The option every command that touches the store shares.
struct DataOptions: ParsableArguments {
  @Option(help: "The server's data folder.")
  var data = "./doorward-data"

  @Option(help: "The database, if it is not in the data folder: sqlite:PATH.")
  var database: String?

  @Flag(help: "Print JSON.")
  var json = false

  func open(create: Bool = false) throws -> DataFolder {
    try DataFolder(path: data, database: database, create: create)
  }
}
