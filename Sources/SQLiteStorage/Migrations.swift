import GRDB
import Storage

/// The schema's history: append-only, one step for each release that changed it.
enum Migrations {
  static func apply(to pool: DatabasePool) throws {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1: records") { database in
      try database.execute(
        sql: """
          CREATE TABLE record (
            kind TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, revision INTEGER NOT NULL,
            announced INTEGER NOT NULL, closed INTEGER, expires INTEGER, body BLOB NOT NULL,
            PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;
          CREATE INDEX record_expires ON record (expires) WHERE expires IS NOT NULL;
          CREATE INDEX record_announced ON record (revision, kind, key) WHERE announced = 1;
          CREATE INDEX record_closed ON record (kind, closed) WHERE closed IS NOT NULL;
          CREATE TABLE record_index (
            kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, key TEXT NOT NULL,
            PRIMARY KEY (kind, name, value, key)) STRICT, WITHOUT ROWID;
          CREATE INDEX record_index_key ON record_index (kind, key);
          CREATE TABLE store (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL) STRICT;
          INSERT INTO store VALUES (1, 0);
          """)
    }
    let isNewer = try pool.read { try migrator.hasBeenSuperseded($0) }
    if isNewer {
      throw StoreFailure.damaged(
        "the database was written by a newer version of Doorward; run that version, or restore a backup")
    }
    try migrator.migrate(pool)
  }
}
