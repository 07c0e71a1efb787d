import Foundation
import GRDB
import Storage
import Vocabulary

/// Changes as statements. Every condition of a change is in its statement; a requirement is read inside the same
/// transaction, which is the only writer.
enum RecordWriting {
  /// The change could not be made: its batch is undone.
  struct Conflict: Error {}

  static func apply(_ change: StoredChange, revision: Int64, _ database: Database) throws {
    switch change {
    case .insert(let key, let body, let expires, let indexes):
      try database.cachedStatement(
        sql: """
          INSERT INTO record (kind, key, version, revision, announced, indexed, closed, expires, body, checksum)
          VALUES (?, ?, 1, ?, ?, ?, NULL, ?, ?, ?) ON CONFLICT DO NOTHING
          """
      ).execute(
        arguments: [
          key.kind.rawValue, key.key, revision, key.kind.isAnnounced ? 1 : 0, indexes.isEmpty ? 0 : 1,
          expires?.millisecondsSince1970, Data(body),
          RecordChecksum.of(
            StoredRecord(
              key: key, version: 1, revision: revision, closedAt: nil, expiresAt: expires, indexes: indexes, body: body)
          ),
        ])
      guard database.changesCount == 1 else { throw Conflict() }
      try index(key, indexes, database)
    case .replace(let key, let version, let body, let expires, let indexes):
      guard key.isStorable else { throw Conflict() }
      try database.cachedStatement(
        sql: """
          UPDATE record SET version = version + 1, revision = ?, indexed = ?, expires = ?, body = ?, checksum = ?
          WHERE kind = ? AND key = ? AND version = ? AND closed IS NULL
          """
      ).execute(
        arguments: [
          revision, indexes.isEmpty ? 0 : 1, expires?.millisecondsSince1970, Data(body),
          RecordChecksum.of(
            StoredRecord(
              key: key, version: version &+ 1, revision: revision, closedAt: nil, expiresAt: expires, indexes: indexes,
              body: body)),
          key.kind.rawValue, key.key, version,
        ])
      guard database.changesCount == 1 else { throw Conflict() }
      try unindex(kind: key.kind.rawValue, key: key.key, database)
      try index(key, indexes, database)
    case .require(let key, let version):
      let found = try database.cachedStatement(
        sql: "SELECT 1 FROM record WHERE kind = ? AND key = ? AND version = ? AND closed IS NULL")
      guard key.isStorable, try Int.fetchOne(found, arguments: [key.kind.rawValue, key.key, version]) != nil else {
        throw Conflict()
      }
    case .close(let key, let moment):
      guard let open = try RecordRow.find(key, database), open.closedAt == nil else { return }
      try database.cachedStatement(
        sql: """
          UPDATE record SET version = version + 1, revision = ?, announced = 1, closed = ?, checksum = ?
          WHERE kind = ? AND key = ?
          """
      ).execute(
        arguments: [
          revision, moment.millisecondsSince1970,
          RecordChecksum.of(
            StoredRecord(
              key: key, version: open.version &+ 1, revision: revision, closedAt: moment, expiresAt: open.expiresAt,
              indexes: open.indexes, body: open.body)),
          key.kind.rawValue, key.key,
        ])
    case .remove(let key):
      guard key.isStorable else { return }
      try remove(kind: key.kind.rawValue, key: key.key, database)
    }
  }

  static func sweep(expiredBefore moment: Instant, limit: Int, _ database: Database) throws -> Int {
    let rows = try Row.fetchAll(
      database.cachedStatement(
        sql: """
          SELECT kind, key FROM record INDEXED BY record_expires WHERE expires < ? ORDER BY expires LIMIT ?
          """), arguments: [moment.millisecondsSince1970, max(0, limit)])
    for row in rows {
      try remove(
        kind: try row.decode(String.self, atIndex: 0), key: try row.decode(String.self, atIndex: 1), database)
    }
    return rows.count
  }

  private static func remove(kind: String, key: String, _ database: Database) throws {
    try database.cachedStatement(sql: "DELETE FROM record WHERE kind = ? AND key = ?").execute(arguments: [kind, key])
    try unindex(kind: kind, key: key, database)
  }

  private static func unindex(kind: String, key: String, _ database: Database) throws {
    try database.cachedStatement(sql: "DELETE FROM record_index WHERE kind = ? AND key = ?")
      .execute(arguments: [kind, key])
  }

  static func index(_ key: RecordKey, _ indexes: [String: String], _ database: Database) throws {
    for (name, value) in indexes {
      try database.cachedStatement(sql: "INSERT INTO record_index (kind, name, value, key) VALUES (?, ?, ?, ?)")
        .execute(arguments: [key.kind.rawValue, name, value, key.key])
    }
  }
}
