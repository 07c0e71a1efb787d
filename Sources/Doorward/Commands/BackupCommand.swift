import ArgumentParser
import AuthorizationServer
import Foundation
import SQLiteStorage
import Storage
import StrictJSON
import Vocabulary

struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy a server's data to a new folder while it runs, and check the copy.",
    discussion: """
      The folder has the database as of one moment, the key file, and what the server was started with. Who has it can \
      sign tokens in this server's name: keep it as you keep the key file. The configuration file is not in it.
      """)

  @OptionGroup var options: DataOptions
  @Argument(help: "The folder to make; with --check, the backup to look at.") var folder: String
  @Flag(help: "Replace the backup that is there.") var overwrite = false
  @Flag(help: "With the journal of refusals, which is larger than the rest where much is refused.") var journal = false
  @Flag(help: "Make nothing: read every page and record of a backup, and say whether it can be restored.")
  var check = false

  func run() async throws {
    if check {
      let contents = try await BackupFolder(path: folder).check()
      return Self.show(contents, folder, options.json, verb: "is sound")
    }
    let data = try options.open()
    guard case .sqlite(let database) = data.database else { throw Self.elsewhere(data) }
    guard FileManager.default.fileExists(atPath: database) else {
      throw Ending.unavailable("there is no database at \(database); name the server's folder with --data")
    }
    try demandFree()
    let final = URL(fileURLWithPath: folder).standardizedFileURL
    let parent = final.deletingLastPathComponent().path
    let fresh = "\(parent)/.\(final.lastPathComponent).\(UUID().uuidString).partial"
    let contents: BackupFolder.Contents
    do {
      contents = try await make(BackupFolder(path: fresh), data, database)
      try put(fresh, parent, final)
    } catch {
      try? FileManager.default.removeItem(atPath: fresh)
      if let failure = error as? StoreFailure { throw Self.ending(failure) }
      throw error
    }
    Self.show(contents, folder, options.json, verb: "made")
    if !options.json, let configuration = ServerProfile(data)?.configuration {
      print("Not in it: \(configuration). Keep it, and the contracts it names, as well.")
    }
  }

  private func make(
    _ backup: BackupFolder, _ data: DataFolder, _ database: String
  ) async throws -> BackupFolder.Contents {
    do {
      try FileManager.default.createDirectory(
        atPath: backup.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch { throw Ending.unavailable("\(FolderInPlace.parent(backup.path)) cannot be written") }
    // First, since it is never changed: what the copy of the store has sealed opens with it.
    if FileManager.default.fileExists(atPath: data.keyFile) {
      try FolderInPlace.copy(data.keyFile, to: backup.file(BackupFolder.key))
    }
    if let profile = ServerProfile(data) {
      // Where the database and the key were is not where they will be.
      ServerProfile(
        issuer: profile.issuer, configuration: profile.configuration, isDemo: profile.isDemo, trusted: profile.trusted,
        rotation: profile.rotation
      ).write(to: backup.file(BackupFolder.profile))
    }
    let source = try SQLiteFile(path: database, .shared)
    guard try source.schema().isUsable else { throw try source.schema().refusal(of: database) }
    try source.copy(to: backup.file(BackupFolder.store))
    await source.close()
    let refusals = data.path + "/" + BackupFolder.journal
    if journal, FileManager.default.fileExists(atPath: refusals) {
      let source = try SQLiteFile(path: refusals, .shared)
      try source.copy(to: backup.file(BackupFolder.journal))
      await source.close()
    }
    let contents = try await backup.examine(made: Clock.now.description, version: doorwardVersion)
    try FolderInPlace.write(Array((contents.json.indented + "\n").utf8), to: backup.file(BackupFolder.manifest))
    return contents
  }

  /// Nothing but a backup is ever replaced.
  private func demandFree() throws {
    guard FileManager.default.fileExists(atPath: folder) else { return }
    guard overwrite else {
      throw Ending.refused("\(folder) exists; name another folder, or replace the backup there with --overwrite")
    }
    guard FileManager.default.fileExists(atPath: folder + "/" + BackupFolder.manifest) else {
      throw Ending.refused("\(folder) is no backup, so it is not replaced; name another folder")
    }
  }

  private func put(_ fresh: String, _ parent: String, _ final: URL) throws {
    guard overwrite, FileManager.default.fileExists(atPath: final.path) else {
      return try FolderInPlace.publish(fresh, as: final.path)
    }
    let former = "\(parent)/.\(final.lastPathComponent).\(UUID().uuidString).former"
    guard rename(final.path, former) == 0 else { throw Ending.unavailable("\(final.path) cannot be moved away") }
    do { try FolderInPlace.publish(fresh, as: final.path) } catch {
      rename(former, final.path)
      throw error
    }
    try? FileManager.default.removeItem(atPath: former)
  }

  private static func ending(_ failure: StoreFailure) -> Ending {
    guard case .full = failure else { return .unavailable(describe(failure)) }
    return .unavailable("the backup was not made, and what was written of it is removed: \(describe(failure))")
  }

  static func show(_ contents: BackupFolder.Contents, _ folder: String, _ json: Bool, verb: String) {
    if json {
      let members: [JSON.Member] = [.init("folder", .string(folder))] + (contents.json.members ?? [])
      return print(JSON.object(members).indented)
    }
    let files = contents.files.map(\.name).joined(separator: ", ")
    print("The backup \(folder) \(verb): \(contents.bytes) bytes in \(files).")
    print(
      "Clients: \(contents.count(.client)), users: \(contents.count(.user)), grants: \(contents.count(.grant)); "
        + "\(contents.counts.values.reduce(0, +)) records in all, as of \(contents.made).")
    print("It has the key file: keep it secret.")
  }

  /// PostgreSQL has tools of its own, which know more than we could.
  private static func elsewhere(_ data: DataFolder) -> Ending {
    let url = data.database.description
    return .usage(
      """
      the store is PostgreSQL's, and is backed up with its own tools while the servers run:
        pg_dump --format=custom --schema=doorward --file=doorward.dump '\(url)'
      or, to restore any moment, pg_basebackup with an archive of its log. Keep the key file \(data.keyFile) with it: \
      without that file the signing keys in the dump cannot be opened. See docs/operating.md.
      """)
  }
}
