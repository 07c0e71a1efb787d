import ArgumentParser
public import AuthorizationServer
import Foundation
import SQLiteStorage
import Storage

/// The folder that holds everything a server keeps: database, journal, key file.
struct DataFolder: Sendable {
  let path: String
  let database: DatabaseLocation
  let keyFile: String
  private let mayCreate: Bool

  /// - Parameters:
  ///   - database: where it is not in the folder, nor where the folder's server has it.
  ///   - keyFile: one that other nodes use too; the folder's own where none is named here or in the environment.
  ///   - create: make the folder where there is none; commands that only look do not.
  ///   - isServer: a server is told its database; the commands beside it use the one it used.
  init(
    path: String, database: String? = nil, keyFile: String? = nil, create: Bool, isServer: Bool = false
  ) throws {
    self.path = path
    mayCreate = create
    // Whatever is made from here on is for this user only, also in a folder that others may read.
    umask(0o077)
    let given = try DatabaseLocation.given(database)
    let profile = ServerProfile(path)
    if isServer, given == nil, let other = profile?.database, !other.hasPrefix("sqlite:") {
      throw Ending.usage(
        "the server of \(path) used \(other) the last time; say --database \(other), or --database sqlite:\(path)/doorward.sqlite"
      )
    }
    self.database =
      try given ?? profile?.database.map { try DatabaseLocation($0) } ?? .sqlite(path: path + "/doorward.sqlite")
    self.keyFile =
      keyFile ?? ProcessInfo.processInfo.environment["DOORWARD_KEY_FILE"] ?? profile?.keyFile ?? path + "/key"
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

  /// Whether the store is a database server's.
  var isElsewhere: Bool { if case .postgreSQL = database { true } else { false } }

  /// The key file, where it is not the folder's own.
  var sharedKeyFile: String? { keyFile == path + "/key" ? nil : keyFile }

  /// - Parameter isAwaited: told why a database that does not answer is waited for; `nil` when it is not.
  func openStore(isAwaited: ((String) -> Void)? = nil) async throws -> any Store {
    try await database.open(isNew: mayCreate, isAwaited: isAwaited)
  }

  func openJournal(readOnly: Bool = false) throws -> JournalFile {
    do { return try JournalFile(path: path + "/journal.sqlite", readOnly: readOnly) } catch {
      throw Ending.unavailable(describe(error))
    }
  }

  func openKeyFile() throws -> KeyFile {
    // Only the folder's own is made: of one that nodes share, each would make another.
    if keyFile != path + "/key", !FileManager.default.fileExists(atPath: keyFile) {
      throw Ending.unavailable(
        "there is no key file \(keyFile); make it once and give it to every node: openssl rand -hex 32 > \(keyFile)")
    }
    do { return try KeyFile(path: keyFile) } catch { throw Ending.unavailable("\(error)") }
  }
}

extension JournalFile: JournalSink {}

/// The option every command that touches the store shares.
struct DataOptions: ParsableArguments {
  @Option(help: "The server's data folder.")
  var data = "./doorward-data"

  @Option(help: "The database, if the folder's server does not say: sqlite:PATH or postgresql://….")
  var database: String?

  @Option(help: "The key file, if the folder's server does not say.")
  var keyFile: String?

  @Flag(help: "Print JSON.")
  var json = false

  func open(create: Bool = false) throws -> DataFolder {
    try DataFolder(path: data, database: database, keyFile: keyFile, create: create)
  }
}
