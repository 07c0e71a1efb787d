import Foundation
import GRDB
import Storage

/// The two rings as tables.
struct JournalRings: Sendable {
  private let capacity: Int64

  init(capacity: Int) { self.capacity = Int64(max(1, capacity)) }

  private static let names = ["ring", "security"]
  /// How many traces of merged refusals are kept for finding, in all: 64 MiB at most.
  private static let mergedLimit: Int64 = 64 << 20

  private func size(of ring: String) -> Int64 { ring == "security" ? max(1, capacity / 10) : capacity }

  /// Makes the tables; when the capacity is not what it was, the newest entries move to their new slots.
  func prepare(_ database: Database) throws {
    for ring in Self.names {
      try database.execute(
        sql: """
          CREATE TABLE IF NOT EXISTS \(ring) (
            slot INTEGER PRIMARY KEY, sequence INTEGER NOT NULL UNIQUE, trace TEXT NOT NULL, time INTEGER NOT NULL,
            body BLOB NOT NULL) STRICT;
          CREATE INDEX IF NOT EXISTS \(ring)_trace ON \(ring) (trace);
          """)
      try addColumns(ring, database)
      let size = size(of: ring)
      let misplaced = try Bool.fetchOne(
        database, sql: "SELECT EXISTS (SELECT 1 FROM \(ring) WHERE slot <> sequence % ?)", arguments: [size])
      if misplaced == true {
        try database.execute(
          sql: """
            DELETE FROM \(ring) WHERE sequence <= (SELECT max(sequence) FROM \(ring)) - :size;
            UPDATE \(ring) SET slot = -sequence;
            UPDATE \(ring) SET slot = sequence % :size;
            """, arguments: ["size": size])
      }
    }
  }

  /// A file of an older release lacks them.
  private func addColumns(_ ring: String, _ database: Database) throws {
    let present = try database.columns(in: ring).map(\.name)
    for (name, type) in [("client", "TEXT"), ("grant_id", "TEXT"), ("merged", "BLOB"), ("parent", "TEXT")]
    where !present.contains(name) {
      try database.execute(sql: "ALTER TABLE \(ring) ADD COLUMN \(name) \(type)")
    }
    try database.execute(
      sql: """
        CREATE INDEX IF NOT EXISTS \(ring)_client ON \(ring) (client, sequence) WHERE client IS NOT NULL;
        CREATE INDEX IF NOT EXISTS \(ring)_grant ON \(ring) (grant_id, sequence) WHERE grant_id IS NOT NULL;
        CREATE INDEX IF NOT EXISTS \(ring)_parent ON \(ring) (parent, sequence) WHERE parent IS NOT NULL;
        CREATE INDEX IF NOT EXISTS \(ring)_merged ON \(ring) (sequence) WHERE merged IS NOT NULL;
        """)
  }

  func write(_ rows: [JournalRow], security: Bool, _ database: Database) throws {
    if rows.isEmpty { return }
    let ring = security ? "security" : "ring"
    let last = try database.cachedStatement(sql: "SELECT max(sequence) FROM \(ring)")
    var sequence = try Int64.fetchOne(last) ?? 0
    let statement = try database.cachedStatement(
      sql:
        "INSERT OR REPLACE INTO \(ring) (slot, sequence, trace, time, client, grant_id, merged, parent, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    )
    for row in rows {
      sequence += 1
      try statement.execute(
        arguments: [
          sequence % size(of: ring), sequence, row.trace, row.time, row.client, row.grant,
          row.merged.isEmpty ? nil : Data(row.merged), row.parent,
          Data(row.body),
        ])
    }
    if rows.contains(where: { !$0.merged.isEmpty }) { try trimMerged(ring, database) }
  }

  /// The oldest lists of merged traces go; their records stay.
  private func trimMerged(_ ring: String, _ database: Database) throws {
    let lists = try Row.fetchAll(
      database,
      sql: "SELECT sequence, length(merged) AS bytes FROM \(ring) WHERE merged IS NOT NULL ORDER BY sequence DESC")
    var bytes: Int64 = 0
    for list in lists {
      bytes += list["bytes"] ?? 0
      guard bytes > Self.mergedLimit, let sequence: Int64 = list["sequence"] else { continue }
      try database.execute(
        sql: "UPDATE \(ring) SET merged = NULL WHERE merged IS NOT NULL AND sequence <= ?", arguments: [sequence])
      return
    }
  }

  func find(trace: String, _ database: Database) throws -> [UInt8]? {
    let each = Self.names.map { "SELECT time, sequence, body FROM \($0) WHERE trace = ?1" }
    let statement = try database.cachedStatement(
      sql: "SELECT body FROM (\(each.joined(separator: " UNION ALL "))) ORDER BY time DESC, sequence DESC LIMIT 1")
    if let body = try Data.fetchOne(statement, arguments: [trace]) { return Array(body) }
    guard let bytes = Self.bytes(trace) else { return nil }
    let merged = try database.cachedStatement(
      sql: "SELECT body FROM ring WHERE merged IS NOT NULL AND instr(merged, ?) > 0 ORDER BY sequence DESC LIMIT 1")
    return try Data.fetchOne(merged, arguments: [bytes]).map { Array($0) }
  }

  /// The newest entries of a caller's own trace, newest first.
  func find(parent: String, limit: Int, _ database: Database) throws -> [[UInt8]] {
    let each = Self.names.map { "SELECT time, sequence, body FROM \($0) WHERE parent = ?1" }
    let statement = try database.cachedStatement(
      sql: "SELECT body FROM (\(each.joined(separator: " UNION ALL "))) ORDER BY time DESC, sequence DESC LIMIT ?2")
    return try Data.fetchAll(statement, arguments: [parent, limit]).map { Array($0) }
  }

  /// Looked for in the bodies as they are written, since reading them all as JSON takes too long.
  func has(code: String, client: String, since: Int64, among limit: Int, _ database: Database) throws -> Bool {
    for ring in Self.names {
      let statement = try database.cachedStatement(
        sql: """
          SELECT EXISTS (
            SELECT 1 FROM (SELECT time, body FROM \(ring) WHERE client = ?1 ORDER BY sequence DESC LIMIT ?2)
            WHERE time >= ?3 AND instr(body, ?4) > 0 AND instr(body, ?5) = 0)
          """)
      let found = try Bool.fetchOne(
        statement,
        arguments: [client, limit, since, Data("\"code\":\"\(code)\"".utf8), Data("\"provoked\":true".utf8)])
      if found == true { return true }
    }
    return false
  }

  private static func bytes(_ hexadecimal: String) -> Data? {
    guard hexadecimal.utf8.count == 32 else { return nil }
    var bytes = Data()
    var rest = hexadecimal[...]
    while !rest.isEmpty {
      guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    return bytes
  }

  func recent(limit: Int, client: String? = nil, grant: String? = nil, _ database: Database) throws -> [[UInt8]] {
    var conditions: [String] = []
    if client != nil { conditions.append("client = ?2") }
    if grant != nil { conditions.append("grant_id = ?3") }
    let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    let each = Self.names.map {
      "SELECT * FROM (SELECT time, sequence, body FROM \($0) \(filter) ORDER BY sequence DESC LIMIT ?1)"
    }
    let statement = try database.cachedStatement(
      sql:
        "SELECT body, ?2 AS client, ?3 AS grant_id FROM (\(each.joined(separator: " UNION ALL "))) ORDER BY time DESC, sequence DESC LIMIT ?1"
    )
    return try Row.fetchAll(statement, arguments: [max(0, limit), client, grant]).compactMap { row in
      (row["body"] as Data?).map { Array($0) }
    }
  }
}
