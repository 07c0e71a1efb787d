import Foundation
import GRDB
import Storage
import Vocabulary

/// Records as rows, on the reading side.
enum RecordRow {
  static let columns = "kind, key, version, revision, indexed, closed, expires, body, checksum"

  /// A process of an older version beside a newer one: it passes over kinds it knows nothing of.
  private static let known = RecordKind.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")

  static func find(_ key: RecordKey, _ database: Database) throws -> StoredRecord? {
    guard key.isStorable else { return nil }
    let statement = try database.cachedStatement(sql: "SELECT \(columns) FROM record WHERE kind = ? AND key = ?")
    guard let row = try Row.fetchOne(statement, arguments: [key.kind.rawValue, key.key]) else { return nil }
    let found = try record(row, database)
    // In a damaged tree the way to a key may lead to another row.
    guard found.key == key else { throw RecordDamage(kind: key.kind.rawValue) }
    return found
  }

  static func list(_ listing: Listing, _ database: Database) throws -> [StoredRecord] {
    switch listing {
    case .all(let kind, let after, let limit):
      return try records(
        "SELECT \(columns) FROM record WHERE kind = ? AND key > ? ORDER BY key LIMIT ?",
        [kind.rawValue, after ?? "", max(0, limit)], database)
    case .indexed(let kind, let name, let value, let after, let limit):
      guard !value.utf8.contains(0) else { return [] }
      return try records(
        """
        SELECT \(columns) FROM record WHERE kind = ?1 AND key IN (
          SELECT key FROM record_index WHERE kind = ?1 AND name = ?2 AND value = ?3 AND key > ?4
          ORDER BY key LIMIT ?5)
        ORDER BY key
        """, [kind.rawValue, name, value, after ?? "", max(0, limit)], database)
    case .closed(let kind, let since, let after, let limit):
      return try records(
        """
        SELECT \(columns) FROM record INDEXED BY record_closed
        WHERE kind = ? AND key > ? AND closed >= ? ORDER BY key LIMIT ?
        """, [kind.rawValue, after ?? "", since.millisecondsSince1970, max(0, limit)], database)
    case .changed(let revision, let limit):
      return try changed(after: revision, limit, database)
    }
  }

  /// A page ends between revisions: a reader that goes on "after revision N" must not have seen half of N.
  private static func changed(after revision: Int64, _ limit: Int, _ database: Database) throws -> [StoredRecord] {
    let head = """
      SELECT \(columns) FROM record INDEXED BY record_announced
      WHERE announced = 1 AND kind IN (\(known)) AND revision > ?
      """
    let order = "ORDER BY revision, kind, key"
    let page = try records("\(head) \(order) LIMIT ?", [revision, limit + 1], database)
    guard page.count > limit, let cut = page.last?.revision else { return page }
    let whole = page.filter { $0.revision < cut }
    return whole.isEmpty ? try records("\(head) AND revision <= ? \(order)", [revision, cut], database) : whole
  }

  private static func records(
    _ sql: String, _ arguments: StatementArguments, _ database: Database
  ) throws -> [StoredRecord] {
    let rows = try Row.fetchAll(database.cachedStatement(sql: sql), arguments: arguments)
    return try rows.map { try record($0, database) }
  }

  /// Nothing of a row is believed: a damaged file may have any value of any type in any column.
  static func record(_ row: Row, _ database: Database) throws -> StoredRecord {
    let name = try row.decode(String.self, atIndex: 0)
    guard let kind = RecordKind(rawValue: name) else { throw RecordDamage(kind: "unknown") }
    let text = try row.decode(String.self, atIndex: 1)
    let key = RecordKey(kind, text)
    let version = try row.decode(Int64.self, atIndex: 2)
    let revision = try row.decode(Int64.self, atIndex: 3)
    let closed = try row.decode(Int64?.self, atIndex: 5)
    let expires = try row.decode(Int64?.self, atIndex: 6)
    let body = Array(try row.decode(Data.self, atIndex: 7))
    let indexes =
      try row.decode(Int64.self, atIndex: 4) == 0 ? [:] : try Self.indexes(kind: name, key: text, database)
    let sum = RecordChecksum.of(
      kind: name, key: text, version: version, revision: revision, closed: closed, expires: expires, indexes: indexes,
      body: body)
    guard try row.decode(Int64.self, atIndex: 8) == sum else { throw RecordDamage(kind: name) }
    return StoredRecord(
      key: key, version: version, revision: revision, closedAt: closed.map(Instant.init(millisecondsSince1970:)),
      expiresAt: expires.map(Instant.init(millisecondsSince1970:)), indexes: indexes, body: body)
  }

  static func indexes(kind: String, key: String, _ database: Database) throws -> [String: String] {
    let statement = try database.cachedStatement(
      sql: "SELECT name, value FROM record_index WHERE kind = ? AND key = ?")
    var indexes: [String: String] = [:]
    for row in try Row.fetchAll(statement, arguments: [kind, key]) {
      indexes[try row.decode(String.self, atIndex: 0)] = try row.decode(String.self, atIndex: 1)
    }
    return indexes
  }
}
