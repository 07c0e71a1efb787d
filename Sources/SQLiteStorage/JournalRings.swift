import Foundation
import GRDB
import Storage

/// The rings as tables. The refusals' ring has a slot for each record; of security events and of readings the oldest go
/// when there are too many, of security events those of the client that has the most: no client can push out what is
/// known of another.
struct JournalRings: Sendable {
  private let capacity: Int64

  init(capacity: Int) { self.capacity = Int64(max(1, capacity)) }

  /// Where refusals are, of either kind.
  private static let refusals: [JournalRow.Ring] = [.refusals, .security]
  /// How many traces of merged refusals are kept for finding, in all: 64 MiB at most.
  private static let mergedLimit: Int64 = 64 << 20
  /// Of how many newest rows it is counted who only named a client.
  private static let counted = 10_000

  private func size(of ring: JournalRow.Ring) -> Int64 { ring == .refusals ? capacity : max(1, capacity / 10) }

  /// Makes the tables; when the capacity is not what it was, the newest entries move to their new slots.
  func prepare(_ database: Database) throws {
    let isOlder = try !database.tableExists(JournalRow.Ring.audit.rawValue)
    for ring in JournalRow.Ring.allCases {
      let name = ring.rawValue
      try database.execute(
        sql: """
          CREATE TABLE IF NOT EXISTS \(name) (
            slot INTEGER PRIMARY KEY, sequence INTEGER NOT NULL UNIQUE, trace TEXT NOT NULL, time INTEGER NOT NULL,
            body BLOB NOT NULL) STRICT;
          CREATE INDEX IF NOT EXISTS \(name)_trace ON \(name) (trace);
          """)
      try addColumns(name, database)
    }
    if isOlder { try moveReadings(database) }
    try arrange(database)
    for ring in [JournalRow.Ring.security, .audit] { try trim(ring, database) }
  }

  /// Readings stood among the security events.
  private func moveReadings(_ database: Database) throws {
    try database.execute(
      sql: """
        INSERT INTO audit (slot, sequence, trace, time, body)
          SELECT sequence, sequence, trace, time, body FROM security WHERE instr(body, :reading) > 0;
        DELETE FROM security WHERE instr(body, :reading) > 0;
        """, arguments: ["reading": Data(#""event":"explanation_read""#.utf8)])
  }

  private func arrange(_ database: Database) throws {
    for ring in JournalRow.Ring.allCases {
      let name = ring.rawValue
      let slot = ring == .refusals ? "sequence % \(size(of: ring))" : "sequence"
      guard try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT 1 FROM \(name) WHERE slot <> \(slot))") == true
      else { continue }
      if ring == .refusals {
        try database.execute(
          sql: "DELETE FROM \(name) WHERE sequence <= (SELECT max(sequence) FROM \(name)) - ?",
          arguments: [size(of: ring)])
      }
      try database.execute(sql: "UPDATE \(name) SET slot = -sequence; UPDATE \(name) SET slot = \(slot)")
    }
  }

  /// A file of an older release lacks them.
  private func addColumns(_ ring: String, _ database: Database) throws {
    let present = try database.columns(in: ring).map(\.name)
    for (name, type) in [
      ("client", "TEXT"), ("grant_id", "TEXT"), ("merged", "BLOB"), ("parent", "TEXT"), ("proven", "INTEGER"),
      ("count", "INTEGER"),
    ] where !present.contains(name) {
      try database.execute(sql: "ALTER TABLE \(ring) ADD COLUMN \(name) \(type)")
    }
    if !present.contains("proven") {
      try database.execute(
        sql: "UPDATE \(ring) SET proven = instr(body, ?) > 0 WHERE client IS NOT NULL",
        arguments: [Data(#""client_state":"proven""#.utf8)])
      try database.execute(sql: "UPDATE \(ring) SET count = length(merged) / 16 WHERE merged IS NOT NULL")
    }
    try database.execute(
      sql: """
        CREATE INDEX IF NOT EXISTS \(ring)_client ON \(ring) (client, sequence) WHERE client IS NOT NULL;
        CREATE INDEX IF NOT EXISTS \(ring)_grant ON \(ring) (grant_id, sequence) WHERE grant_id IS NOT NULL;
        CREATE INDEX IF NOT EXISTS \(ring)_parent ON \(ring) (parent, sequence) WHERE parent IS NOT NULL;
        CREATE INDEX IF NOT EXISTS \(ring)_merged ON \(ring) (sequence) WHERE merged IS NOT NULL;
        CREATE INDEX IF NOT EXISTS \(ring)_proven ON \(ring) (client, sequence) WHERE proven = 1;
        CREATE INDEX IF NOT EXISTS \(ring)_merged_proven ON \(ring) (client, sequence)
          WHERE merged IS NOT NULL AND proven = 1;
        """)
  }

  func write(_ rows: [JournalRow], to ring: JournalRow.Ring, _ database: Database) throws {
    if rows.isEmpty { return }
    let name = ring.rawValue
    let last = try database.cachedStatement(sql: "SELECT max(sequence) FROM \(name)")
    var sequence = try Int64.fetchOne(last) ?? 0
    let statement = try database.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO \(name)
          (slot, sequence, trace, time, client, proven, count, grant_id, merged, parent, body)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    for row in rows {
      sequence += 1
      try statement.execute(
        arguments: [
          ring == .refusals ? sequence % size(of: ring) : sequence, sequence, row.trace, row.time, row.client,
          row.isProven ? 1 : 0, row.count, row.grant, row.merged.isEmpty ? nil : Data(row.merged), row.parent,
          Data(row.body),
        ])
    }
    if ring != .refusals { try trim(ring, database) }
    if rows.contains(where: { !$0.merged.isEmpty }) { try trimMerged(name, database) }
  }

  /// The oldest go: each time one of the client that has the most.
  private func trim(_ ring: JournalRow.Ring, _ database: Database) throws {
    let name = ring.rawValue
    var excess = try (Int64.fetchOne(database, sql: "SELECT count(*) FROM \(name)") ?? 0) - size(of: ring)
    if excess <= 0 { return }
    let shares = try Row.fetchAll(
      database, sql: "SELECT client, count(*) AS rows FROM \(name) GROUP BY client ORDER BY min(sequence)")
    var held = shares.map { (client: $0["client"] as String?, rows: ($0["rows"] as Int64?) ?? 0, gone: Int64(0)) }
    while excess > 0, let most = held.map({ $0.rows - $0.gone }).max(), most > 0,
      let index = held.firstIndex(where: { $0.rows - $0.gone == most })
    {
      held[index].gone += 1
      excess -= 1
    }
    for share in held where share.gone > 0 {
      try database.execute(
        sql: """
          DELETE FROM \(name) WHERE sequence IN
            (SELECT sequence FROM \(name) WHERE client IS ? ORDER BY sequence LIMIT ?)
          """, arguments: [share.client, share.gone])
    }
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
}

/// What is looked for.
extension JournalRings {
  func find(trace: String, _ database: Database) throws -> [UInt8]? {
    let each = JournalRow.Ring.allCases.map { "SELECT time, sequence, body FROM \($0.rawValue) WHERE trace = ?1" }
    if let body = try Data.fetchOne(try newest(each, "1", database), arguments: [trace]) { return Array(body) }
    guard let bytes = Self.bytes(trace) else { return nil }
    let merged = Self.refusals.map {
      "SELECT time, sequence, body FROM \($0.rawValue) WHERE merged IS NOT NULL AND instr(merged, ?1) > 0"
    }
    return try Data.fetchOne(try newest(merged, "1", database), arguments: [bytes]).map { Array($0) }
  }

  /// Among what is proven to be of these clients; the work does not depend on what is known of others.
  func find(trace: String, ofClients clients: [String], _ database: Database) throws -> [UInt8]? {
    let each = Self.refusals.map {
      "SELECT time, sequence, body FROM \($0.rawValue) WHERE trace = ?1 AND client = ?2 AND proven = 1"
    }
    for client in clients {
      let found = try Data.fetchOne(try newest(each, "1", database), arguments: [trace, client])
      if let found { return Array(found) }
    }
    guard let bytes = Self.bytes(trace) else { return nil }
    let merged = Self.refusals.map {
      """
      SELECT time, sequence, body FROM \($0.rawValue) INDEXED BY \($0.rawValue)_merged_proven
        WHERE client = ?2 AND merged IS NOT NULL AND proven = 1 AND instr(merged, ?1) > 0
      """
    }
    for client in clients {
      let found = try Data.fetchOne(try newest(merged, "1", database), arguments: [bytes, client])
      if let found { return Array(found) }
    }
    return nil
  }

  /// The newest entries of a caller's own trace, newest first.
  func find(parent: String, limit: Int, _ database: Database) throws -> [[UInt8]] {
    let each = Self.refusals.map { "SELECT time, sequence, body FROM \($0.rawValue) WHERE parent = ?1" }
    return try Data.fetchAll(try newest(each, "?2", database), arguments: [parent, limit]).map { Array($0) }
  }

  /// Looked for in the bodies as they are written, since reading them all as JSON takes too long.
  func has(code: String, client: String, since: Int64, among limit: Int, _ database: Database) throws -> Bool {
    for ring in Self.refusals {
      let statement = try database.cachedStatement(
        sql: """
          SELECT EXISTS (
            SELECT 1 FROM (
              SELECT time, body FROM \(ring.rawValue) WHERE client = ?1 AND proven = 1 ORDER BY sequence DESC LIMIT ?2)
            WHERE time >= ?3 AND instr(body, ?4) > 0 AND instr(body, ?5) = 0)
          """)
      let found = try Bool.fetchOne(
        statement,
        arguments: [client, limit, since, Data("\"code\":\"\(code)\"".utf8), Data("\"provoked\":true".utf8)])
      if found == true { return true }
    }
    return false
  }

  /// Refusals of either kind, newest first.
  func recent(limit: Int, client: String? = nil, grant: String? = nil, _ database: Database) throws -> [[UInt8]] {
    // Each argument is named in any case: a statement that takes fewer than it is given is refused.
    let filter =
      (client == nil ? "?2 IS NULL" : "client = ?2") + " AND " + (grant == nil ? "?3 IS NULL" : "grant_id = ?3")
    let statement = try newest(Self.refusals.map { Self.last($0, filter) }, "?1", database)
    return try Data.fetchAll(statement, arguments: [max(0, limit), client, grant]).map { Array($0) }
  }

  func recent(limit: Int, provenOf client: String, _ database: Database) throws -> [[UInt8]] {
    let statement = try newest(Self.refusals.map { Self.last($0, "client = ?2 AND proven = 1") }, "?1", database)
    return try Data.fetchAll(statement, arguments: [max(0, limit), client]).map { Array($0) }
  }

  func claimed(of client: String, _ database: Database) throws -> Int64 {
    let statement = try database.cachedStatement(
      sql: """
        SELECT coalesce(sum(coalesce(count, 1)), 0) FROM (
          SELECT proven, count FROM ring WHERE client = ?1 ORDER BY sequence DESC LIMIT \(Self.counted))
        WHERE proven IS NOT 1
        """)
    return try Int64.fetchOne(statement, arguments: [client]) ?? 0
  }

  func readings(limit: Int, _ database: Database) throws -> [[UInt8]] {
    let statement = try newest([Self.last(.audit, "true")], "?1", database)
    return try Data.fetchAll(statement, arguments: [max(0, limit)]).map { Array($0) }
  }

  private static func last(_ ring: JournalRow.Ring, _ filter: String) -> String {
    "SELECT * FROM (SELECT time, sequence, body FROM \(ring.rawValue) WHERE \(filter) ORDER BY sequence DESC LIMIT ?1)"
  }

  /// The bodies of several selections together, newest first.
  private func newest(_ each: [String], _ limit: String, _ database: Database) throws -> Statement {
    try database.cachedStatement(
      sql:
        "SELECT body FROM (\(each.joined(separator: " UNION ALL "))) ORDER BY time DESC, sequence DESC LIMIT \(limit)")
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
}
