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
  static func take(_ database: Database) throws -> StoreCensus {
    var counts: [String: Int] = [:]
    for row in try Row.fetchAll(database, sql: "SELECT kind, count(*) FROM record GROUP BY kind") {
      counts[try row.decode(String.self, atIndex: 0)] = try row.decode(Int.self, atIndex: 1)
    }
    return StoreCensus(
      counts: counts, revision: try Int64.fetchOne(database, sql: "SELECT revision FROM store WHERE id = 1") ?? 0)
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
