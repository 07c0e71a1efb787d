import Foundation
import GRDB
import Storage
import Vocabulary

/// Records as rows.
enum RecordRow {
  private static let columns = "kind, key, version, revision, closed, expires, body"

  static func find(_ key: RecordKey, _ database: Database) throws -> StoredRecord? {
    let statement = try database.cachedStatement(
      sql: "SELECT \(columns) FROM record WHERE kind = ? AND key = ?")
    guard let row = try Row.fetchOne(statement, arguments: [key.kind.rawValue, key.key]) else { return nil }
    return try record(row, database)
  }

  static func list(_ listing: Listing, _ database: Database) throws -> [StoredRecord] {
    let rows: [Row]
    switch listing {
    case .all(let kind, let after, let limit):
      rows = try Row.fetchAll(
        database, sql: "SELECT \(columns) FROM record WHERE kind = ? AND key > ? ORDER BY key LIMIT ?",
        arguments: [kind.rawValue, after ?? "", limit])
    case .indexed(let kind, let name, let value, let after, let limit):
      rows = try Row.fetchAll(
        database,
        sql: """
          SELECT \(columns) FROM record WHERE kind = ?1 AND key IN
            (SELECT key FROM record_index WHERE kind = ?1 AND name = ?2 AND value = ?3 AND key > ?4 ORDER BY key LIMIT ?5)
          ORDER BY key
          """, arguments: [kind.rawValue, name, value, after ?? "", limit])
    case .changed(let revision, let limit): return try changed(after: revision, limit: limit, database)
    case .closed(let kind, let since, let after, let limit):
      rows = try Row.fetchAll(
        database,
        sql: "SELECT \(columns) FROM record WHERE kind = ? AND closed >= ? AND key > ? ORDER BY key LIMIT ?",
        arguments: [kind.rawValue, since.millisecondsSince1970, after ?? "", limit])
    }
    return try rows.map { try record($0, database) }
  }

  /// A page ends between revisions: a reader that goes on "after revision N" must not have seen half of N.
  private static func changed(after revision: Int64, limit: Int, _ database: Database) throws -> [StoredRecord] {
    let condition = "FROM record WHERE announced = 1 AND revision > ?"
    var rows = try Row.fetchAll(
      database, sql: "SELECT \(columns) \(condition) ORDER BY revision, kind, key LIMIT ?",
      arguments: [revision, limit + 1])
    if rows.count > limit, let cut: Int64 = rows.last?["revision"] {
      let whole = rows.filter { ($0["revision"] as Int64) < cut }
      rows =
        whole.isEmpty
        ? try Row.fetchAll(
          database, sql: "SELECT \(columns) \(condition) AND revision <= ? ORDER BY revision, kind, key",
          arguments: [revision, cut]) : whole
    }
    return try rows.map { try record($0, database) }
  }

  static func record(_ row: Row, _ database: Database) throws -> StoredRecord {
    guard let kind = RecordKind(rawValue: row["kind"]) else {
      throw StoreFailure.damaged("a record is of the unknown kind \(row["kind"] as String)")
    }
    let key: String = row["key"]
    var indexes: [String: String] = [:]
    if kind == .grant {
      for index in try Row.fetchAll(
        database, sql: "SELECT name, value FROM record_index WHERE kind = ? AND key = ?",
        arguments: [kind.rawValue, key])
      {
        indexes[index[0]] = index[1]
      }
    }
    let body: Data = row["body"]
    return StoredRecord(
      key: RecordKey(kind, key), version: row["version"], revision: row["revision"],
      closedAt: (row["closed"] as Int64?).map(Instant.init(millisecondsSince1970:)),
      expiresAt: (row["expires"] as Int64?).map(Instant.init(millisecondsSince1970:)), indexes: indexes,
      body: Array(body))
  }

  static func remove(kind: String, key: String, _ database: Database) throws {
    try database.cachedStatement(sql: "DELETE FROM record WHERE kind = ? AND key = ?").execute(arguments: [kind, key])
    try database.cachedStatement(sql: "DELETE FROM record_index WHERE kind = ? AND key = ?").execute(arguments: [
      kind, key,
    ])
  }
}
