import GRDB
import Storage

/// Looking for damage. How much is looked through is the caller's choice, since all of it takes long in a large file.
enum Damage {
  /// What costs a few reads: the log, and whether it is this file's.
  static func glance(_ pool: DatabasePool, _ path: String, _ header: FileHeader?) throws {
    guard let made = header?.identity, made != 0 else { return }
    let identity = try pool.read { try UInt32.fetchOne($0, sql: "PRAGMA user_version") }
    if identity != made {
      throw StoreFailure.damaged(
        "\(path)-wal is the log of another database; move it away if \(path) is a backup that was put here, "
          + "else \(StoreFailure.whatToDo)")
    }
  }

  /// All of it, as of one moment: that the trees are whole, that indexes and rows agree (SQLite's own check), and that
  /// every record is what was written.
  static func lookThrough(_ pool: DatabasePool, _ path: String) throws {
    try pool.read { try lookThrough($0, path) }
  }

  static func lookThrough(
    _ database: Database, _ path: String, _ use: (StoredRecord) throws -> Void = { _ in }
  ) throws {
    try demandSoundPages(database, path)
    guard let last = try Int64.fetchOne(database, sql: "SELECT revision FROM store WHERE id = 1") else {
      throw StoreFailure.damaged("\(path) has lost its revision; \(StoreFailure.whatToDo)")
    }
    let rows = try Row.fetchCursor(
      database, sql: "SELECT \(RecordRow.columns), announced FROM record ORDER BY kind, key")
    while let row = try rows.next() {
      // A kind of a newer version that declared this one able to read beside it.
      guard RecordKind(rawValue: try row.decode(String.self, atIndex: 0)) != nil else { continue }
      let record = try RecordRow.record(row, database)
      let announced = try row.decode(Int64.self, atIndex: 9) != 0
      guard announced == (record.key.kind.isAnnounced || record.closedAt != nil), record.revision <= last else {
        throw RecordDamage(kind: record.key.kind.rawValue)
      }
      try use(record)
    }
    try noIndexWithoutRecord(database, path)
  }

  static func demandSoundPages(_ database: Database, _ path: String) throws {
    let verdict = try String.fetchOne(database, sql: "PRAGMA integrity_check(1)")
    if verdict != "ok" { throw StoreFailure.damaged("\(path) is damaged; \(StoreFailure.whatToDo)") }
  }

  private static func noIndexWithoutRecord(_ database: Database, _ path: String) throws {
    let stray = try Bool.fetchOne(
      database,
      sql: """
        SELECT EXISTS (SELECT 1 FROM record_index i WHERE NOT EXISTS (
          SELECT 1 FROM record r WHERE r.kind = i.kind AND r.key = i.key AND r.indexed <> 0))
        """)
    if stray == true { throw StoreFailure.damaged("\(path) is damaged; \(StoreFailure.whatToDo)") }
  }

  /// One page of records by key, in a reading of its own, so that no writer's log has to wait for the end.
  /// - Returns: where to go on, or `nil` at the end.
  static func lookThroughPage(_ pool: DatabasePool, after position: (kind: String, key: String)) throws -> (
    String, String
  )? {
    try pool.read { database in
      let rows = try Row.fetchAll(
        database.cachedStatement(
          sql: """
            SELECT \(RecordRow.columns) FROM record WHERE (kind, key) > (?, ?) ORDER BY kind, key LIMIT 500
            """), arguments: [position.kind, position.key])
      for row in rows where RecordKind(rawValue: try row.decode(String.self, atIndex: 0)) != nil {
        _ = try RecordRow.record(row, database)
      }
      guard rows.count == 500, let last = rows.last else { return nil }
      return (try last.decode(String.self, atIndex: 0), try last.decode(String.self, atIndex: 1))
    }
  }
}
