import GRDB
import Storage

/// The schema's history: append-only, one step for each release that changed it.
enum Migrations {
  /// Marks the file as ours ("Door"), so that a path to another program's database is refused, not added to.
  private static let mark = 0x446F_6F72

  static func apply(to pool: DatabasePool, path: String) throws {
    let migrator = steps()
    try pool.read { database in
      // The migrator's own table comes before the first migration, where another process is just making the file.
      let strangers = try Int.fetchOne(
        database, sql: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name <> 'grdb_migrations'")
      if strangers != 0, try Int.fetchOne(database, sql: "PRAGMA application_id") != mark {
        throw StoreFailure.damaged("\(path) is a database of another program; name another file")
      }
      if try migrator.hasBeenSuperseded(database) {
        throw StoreFailure.damaged(
          "\(path) was written by a newer version of Doorward; run that version, or restore a backup made before it")
      }
    }
    do {
      try migrator.migrate(pool)
    } catch {
      // Another process may have migrated the file in between: then there is nothing left to do.
      guard try pool.read({ try migrator.hasCompletedMigrations($0) }) else { throw error }
    }
  }

  private static func steps() -> DatabaseMigrator {
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
    return migrator
  }
}
