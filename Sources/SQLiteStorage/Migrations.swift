import Foundation
import GRDB
import Storage
import Vocabulary

/// The schema's history: append-only, one step for each release that changed it.
enum Migrations {
  /// Marks the file as ours ("Door"), so that a path to another program's database is refused, not added to.
  private static let mark = 0x446F_6F72

  /// (Junction: one line for each step, and one in `migrator`.)
  static let steps = [
    SchemaStep(version: 1, effect: "Makes the tables.", minimumReader: 1),
    SchemaStep(
      version: 2,
      effect: "Gives every record a checksum, in one transaction that rewrites every record; the file grows by nine "
        + "bytes a record.",
      minimumReader: 2),
  ]

  /// Brings the file to this program's schema, or throws and leaves it alone.
  /// - Parameter isSuspect: look through its pages first; they are in any case before they are changed.
  static func apply(to pool: DatabasePool, path: String, isSuspect: Bool) throws {
    if isSuspect { try pool.read { try Damage.demandSoundPages($0, path) } }
    let state = try pool.read { try Self.state($0, path) }
    guard state.isUsable else { throw state.refusal(of: path) }
    if state.version > state.known { return }
    do {
      if !state.pending.isEmpty {
        if state.version > 0, !state.olderProgramsKeepWorking {
          throw StoreFailure.unavailable("\(path) must be migrated by itself")
        }
        try migrator.migrate(pool)
        // What the file is known by stands in it from now on, not in its log alone.
        _ = try? pool.writeWithoutTransaction { try $0.checkpoint() }
      }
    } catch {
      // Another process may have migrated the file in between: then there is nothing left to do.
      guard try pool.read({ try migrator.hasCompletedMigrations($0) }) else { throw error }
    }
    try pool.read { try demandWhole($0, path) }
  }

  /// Migrates a file that programs of its present version could not use afterwards: only while no process has it open,
  /// and only when its pages are sound. Does nothing when there is no such step to take.
  static func applyAlone(_ path: String) throws {
    let held: SQLiteFile
    do throws(StoreFailure) { held = try SQLiteFile(path: path, .alone) } catch {
      throw StoreFailure.unavailable(
        "\(path) was written by an older version of Doorward and is in use by it; stop the older server, then start this "
          + "one or run doorward migrate")
    }
    defer { held.closeNow() }
    try held.queue.read { try Damage.demandSoundPages($0, path) }
    try migrator.migrate(held.queue)
  }

  /// How the file's schema stands; changes nothing.
  static func state(_ database: Database, _ path: String) throws -> SchemaState {
    // The migrator's own table comes before the first migration, where another process is just making the file.
    let tables = try String.fetchSet(
      database, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'grdb_migrations'")
    if !tables.isEmpty, try Int.fetchOne(database, sql: "PRAGMA application_id") != mark {
      throw StoreFailure.damaged(
        "\(path) is a database of another program, or its first page is damaged; name another file, or restore a backup"
      )
    }
    let applied = try database.tableExists("grdb_migrations") ? migrator.appliedIdentifiers(database) : []
    let numbers = applied.map { Int($0.prefix { $0 != ":" }) ?? .max }
    let last = numbers.max() ?? 0
    if last == 0, !tables.isEmpty {
      throw StoreFailure.damaged("\(path) does not say which steps made it; \(StoreFailure.whatToDo)")
    }
    var oldest = last
    if tables.contains("schema_version") {
      let row = try Row.fetchOne(database, sql: "SELECT version, minimum_reader FROM schema_version WHERE id = 1")
      guard let row, try row.decode(Int.self, atIndex: 0) <= last else {
        throw StoreFailure.damaged("\(path) contradicts itself about its schema's version; \(StoreFailure.whatToDo)")
      }
      // A step that does not say who may go on is one for newer programs only.
      if try row.decode(Int.self, atIndex: 0) == last { oldest = try row.decode(Int.self, atIndex: 1) }
    }
    return SchemaState(version: last, minimumReader: oldest, steps: steps)
  }

  /// Every table and index of ours is there, word for word: a lost index would make lists incomplete without an error.
  private static func demandWhole(_ database: Database, _ path: String) throws {
    let found = try definitions(database)
    for (name, words) in try expected() where found[name] != words {
      throw StoreFailure.damaged("\(path): \(name) is missing or not what was made; \(StoreFailure.whatToDo)")
    }
  }

  private static func expected() throws -> [String: String] {
    let fresh = try DatabaseQueue()
    try migrator.migrate(fresh)
    return try fresh.read(definitions)
  }

  private static func definitions(_ database: Database) throws -> [String: String] {
    let rows = try Row.fetchAll(
      database,
      sql: "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'grdb%'")
    return try rows.reduce(into: [:]) { found, row in
      let words = try (0..<4).map { try row.decode(String.self, atIndex: $0) }
      found["\(words[0]) \(words[1])"] = "\(words[2]): \(words[3])"
    }
  }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1: records") { database in
      try database.execute(
        sql: """
          PRAGMA application_id = \(mark);
          CREATE TABLE record (
            kind TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, revision INTEGER NOT NULL,
            announced INTEGER NOT NULL, indexed INTEGER NOT NULL, closed INTEGER, expires INTEGER, body BLOB NOT NULL,
            PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;
          CREATE INDEX record_expires ON record (expires) WHERE expires IS NOT NULL;
          CREATE INDEX record_announced ON record (revision, kind, key) WHERE announced = 1;
          CREATE INDEX record_closed ON record (kind, key, closed) WHERE closed IS NOT NULL;
          CREATE TABLE record_index (
            kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, key TEXT NOT NULL,
            PRIMARY KEY (kind, name, value, key)) STRICT, WITHOUT ROWID;
          CREATE INDEX record_index_key ON record_index (kind, key);
          CREATE TABLE store (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL) STRICT;
          INSERT INTO store VALUES (1, 0);
          """)
    }
    migrator.registerMigration("2: checksums") { database in
      try database.execute(
        sql: """
          ALTER TABLE record ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
          CREATE TABLE schema_version (
            id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, minimum_reader INTEGER NOT NULL) STRICT;
          INSERT INTO schema_version VALUES (1, 2, 2);
          PRAGMA user_version = \(Int.random(in: 1...Int(Int32.max)));
          """)
      try sumEveryRecord(database)
    }
    return migrator
  }

  /// In pages, since changing a table while reading it may meet a row twice.
  private static func sumEveryRecord(_ database: Database) throws {
    var last = ("", "")
    while true {
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT kind, key, version, revision, closed, expires, body FROM record
          WHERE (kind, key) > (?, ?) ORDER BY kind, key LIMIT 1000
          """, arguments: [last.0, last.1])
      guard !rows.isEmpty else { return }
      for row in rows {
        last = (try row.decode(String.self, atIndex: 0), try row.decode(String.self, atIndex: 1))
        let sum = RecordChecksum.of(
          kind: last.0, key: last.1, version: try row.decode(Int64.self, atIndex: 2),
          revision: try row.decode(Int64.self, atIndex: 3), closed: try row.decode(Int64?.self, atIndex: 4),
          expires: try row.decode(Int64?.self, atIndex: 5),
          indexes: try RecordRow.indexes(kind: last.0, key: last.1, database),
          body: Array(try row.decode(Data.self, atIndex: 6)))
        try database.cachedStatement(sql: "UPDATE record SET checksum = ? WHERE kind = ? AND key = ?")
          .execute(arguments: [sum, last.0, last.1])
      }
    }
  }
}
