import Foundation
import GRDB

/// The two rings as tables.
struct JournalRings: Sendable {
  private let capacity: Int64

  init(capacity: Int) { self.capacity = Int64(max(1, capacity)) }

  private static let names = ["ring", "security"]

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

  func write(
    _ entries: [(trace: String, time: Int64, security: Bool, body: [UInt8])], security: Bool, _ database: Database
  ) throws {
    if entries.isEmpty { return }
    let ring = security ? "security" : "ring"
    let last = try database.cachedStatement(sql: "SELECT max(sequence) FROM \(ring)")
    var sequence = try Int64.fetchOne(last) ?? 0
    let statement = try database.cachedStatement(
      sql: "INSERT OR REPLACE INTO \(ring) (slot, sequence, trace, time, body) VALUES (?, ?, ?, ?, ?)")
    for entry in entries {
      sequence += 1
      try statement.execute(
        arguments: [sequence % size(of: ring), sequence, entry.trace, entry.time, Data(entry.body)])
    }
  }

  func find(trace: String, _ database: Database) throws -> [UInt8]? {
    let each = Self.names.map { "SELECT time, sequence, body FROM \($0) WHERE trace = ?1" }
    let statement = try database.cachedStatement(
      sql: "SELECT body FROM (\(each.joined(separator: " UNION ALL "))) ORDER BY time DESC, sequence DESC LIMIT 1")
    return try Data.fetchOne(statement, arguments: [trace]).map { Array($0) }
  }

  func recent(limit: Int, _ database: Database) throws -> [[UInt8]] {
    let each = Self.names.map {
      "SELECT * FROM (SELECT time, sequence, body FROM \($0) ORDER BY sequence DESC LIMIT ?1)"
    }
    let statement = try database.cachedStatement(
      sql: "SELECT body FROM (\(each.joined(separator: " UNION ALL "))) ORDER BY time DESC, sequence DESC LIMIT ?1")
    return try Data.fetchAll(statement, arguments: [max(0, limit)]).map { Array($0) }
  }
}
