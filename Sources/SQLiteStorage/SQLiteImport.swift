import Foundation
import GRDB
public import Storage
import Vocabulary

extension SQLiteStore: StoreImport, SchemaReporting {
  public func census() async throws(StoreFailure) -> StoreCensus {
    try await readAside { try Census.take($0) }
  }

  public func schema() async throws(StoreFailure) -> SchemaState {
    try await readAside { [path] in try Migrations.state($0, path) }
  }

  public func importRecords(_ records: [StoredRecord]) async throws(StoreFailure) -> CommitOutcome {
    if records.contains(where: \.storesZeroByte) {
      throw .unavailable("a key or an index with a zero byte cannot be stored")
    }
    return try await writer.perform { [writer] pool in
      do {
        try pool.writeWithoutTransaction { database in
          try database.inTransaction(.immediate) {
            for record in records { try RecordWriting.add(record, database) }
            try database.cachedStatement(sql: "UPDATE store SET revision = max(revision, ?) WHERE id = 1")
              .execute(arguments: [records.map(\.revision).max() ?? 0])
            return .commit
          }
        }
        writer.count(changes: records.count)
        return .committed
      } catch is RecordWriting.Conflict { return .conflict }
    }
  }
}

/// Counting what is there.
enum Census {
  /// In one reading.
  static func take(_ database: Database) throws -> StoreCensus { try take { step in try step(database) } }

  /// The same in many short readings, so that the log of a server that goes on writing has to wait for none: what is
  /// written meanwhile may be counted or not.
  static func take(_ read: (_ step: (Database) throws -> Void) throws -> Void) throws -> StoreCensus {
    var counts: [String: Int] = [:]
    var kind: String?
    repeat {
      let last = kind ?? ""
      try read { kind = try String.fetchOne($0, sql: "SELECT min(kind) FROM record WHERE kind > ?", arguments: [last]) }
      var after: String? = kind == nil ? nil : ""
      while let kind, let position = after {
        try read { database in
          let row = try Row.fetchOne(
            database,
            sql: """
              SELECT count(*), max(key) FROM (
                SELECT key FROM record WHERE kind = ? AND key > ? ORDER BY key LIMIT 20000)
              """, arguments: [kind, position])
          let found = try row?.decode(Int.self, atIndex: 0) ?? 0
          if found > 0 { counts[kind, default: 0] += found }
          after = found == 20_000 ? try row?.decode(String?.self, atIndex: 1) : nil
        }
      }
    } while kind != nil
    var newest: Int64 = 0
    try read { newest = try revision($0) }
    return StoreCensus(counts: counts, revision: newest)
  }

  private static func revision(_ database: Database) throws -> Int64 {
    try Int64.fetchOne(database, sql: "SELECT revision FROM store WHERE id = 1") ?? 0
  }
}

extension RecordWriting {
  static func add(_ record: StoredRecord, _ database: Database) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO record (kind, key, version, revision, announced, indexed, closed, expires, body, checksum)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """
    ).execute(
      arguments: [
        record.key.kind.rawValue, record.key.key, record.version, record.revision, record.isAnnounced ? 1 : 0,
        record.indexes.isEmpty ? 0 : 1, record.closedAt?.millisecondsSince1970,
        record.expiresAt?.millisecondsSince1970, Data(record.body), RecordChecksum.of(record),
      ])
    guard database.changesCount == 1 else { throw Conflict() }
    try index(record.key, record.indexes, database)
  }
}

extension StoredRecord {
  fileprivate var storesZeroByte: Bool {
    !key.isStorable || StoredChange.hasZeroByte(indexes)
  }
}
