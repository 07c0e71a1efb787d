import ArgumentParser
import AuthorizationServer
import Foundation
import OAuth
import SQLiteStorage
import Storage
import StrictJSON
import Vocabulary

struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Make a data folder of a backup, once all of the backup was checked.",
    discussion: """
      What happened since the backup is undone, revocations too: clients, users and grants that were disabled or revoked \
      are in force again. Codes that were not redeemed at the time are removed. With --end-grants everybody asks anew.
      """)

  @Argument(help: "The backup's folder.") var from: String
  @Option(help: "The data folder to make; a database or key file there is never replaced.") var data =
    "./doorward-data"
  @Flag(help: "End every grant and session of the backup: what is right when a breach is the reason.")
  var endGrants = false
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let backup = BackupFolder(path: from)
    let contents = try await backup.check()
    let folder = try DataFolder(path: data, database: "sqlite:\(data)/\(BackupFolder.store)", create: true)
    let names = contents.files.map(\.name)
    // Also what is not in the backup: a key file of another store would make two servers' data one folder.
    for name in BackupFolder.names + [BackupFolder.store + "-wal", BackupFolder.store + "-shm"] {
      guard !FileManager.default.fileExists(atPath: "\(data)/\(name)") else {
        throw Ending.refused(
          "\(data)/\(name) exists and is not replaced; stop its server and move it away, or name another folder")
      }
    }
    // The store comes last under its name: without it there is nothing to start a server on.
    let ordered = names.filter { $0 != BackupFolder.store } + [BackupFolder.store]
    var fresh: [String] = []
    do {
      for name in ordered {
        let copy = "\(data)/.\(name).restoring"
        try? FileManager.default.removeItem(atPath: copy)
        fresh.append(copy)
        try FolderInPlace.copy(backup.file(name), to: copy)
      }
      try await amend("\(data)/.\(BackupFolder.store).restoring")
      for name in ordered {
        guard rename("\(data)/.\(name).restoring", "\(data)/\(name)") == 0 else {
          throw Ending.unavailable("\(data)/\(name) cannot be written")
        }
      }
      try FolderInPlace.sync(folder.path)
    } catch {
      for copy in fresh { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: copy + end) } }
      if let failure = error as? StoreFailure { throw Ending.unavailable(describe(failure)) }
      throw error
    }
    if json {
      return print(
        JSON.object(
          [.init("data", .string(data)), .init("ended_grants", .bool(endGrants))] + (contents.json.members ?? [])
        ).indented)
    }
    print("Restored \(data) as of \(contents.made): \(contents.counts.values.reduce(0, +)) records.")
    print("What was revoked, disabled or changed since then is not: see docs/operating.md, Restore.")
  }

  /// What must not be as it was.
  private func amend(_ path: String) async throws {
    let store = try SQLiteStore(path: path)
    try await each(.authorizationCode, of: store) { stored throws(StoreFailure) in
      // It may have been redeemed since: nobody gets a second answer for it.
      try stored.decode(AuthorizationCodeRecord.self).record.usedAt == nil ? [.remove(stored.key)] : []
    }
    if endGrants {
      let now = Clock.now
      try await each(.grant, of: store) { stored throws(StoreFailure) in
        if stored.closedAt != nil { return [] }
        // One that cannot be read ends like the others.
        guard let grant = try? stored.decode(Grant.self).record else { return [.close(stored.key, at: now)] }
        return Batch(Withdrawal.whole(grant, by: .operator, now: now)).changes
      }
      for kind in [RecordKind.tokenFamily, .session] {
        try await each(kind, of: store) { $0.closedAt == nil ? [.close($0.key, at: now)] : [] }
      }
    }
    await store.close()
    let log = try? FileManager.default.attributesOfItem(atPath: path + "-wal")
    guard log?[.size] as? Int ?? 0 == 0 else { throw Ending.unavailable("\(path) could not be written") }
    for end in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
    try FolderInPlace.sync(path)
  }

  private func each(
    _ kind: RecordKind, of store: SQLiteStore, _ change: (StoredRecord) throws(StoreFailure) -> [StoredChange]
  ) async throws(StoreFailure) {
    var after: String?
    repeat {
      let page = try await store.list(.all(kind, after: after, limit: 500))
      var changes: [StoredChange] = []
      for stored in page { changes += try change(stored) }
      // Nobody else has the file.
      if !changes.isEmpty, try await store.commit(Batch(changes)) == .conflict {
        throw StoreFailure.damaged("what the backup says of a \(kind.rawValue) contradicts itself")
      }
      after = page.count == 500 ? page.last?.key.key : nil
    } while after != nil
  }
}
