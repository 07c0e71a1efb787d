#if PostgreSQL
public import Storage
import Vocabulary

extension PostgreSQLStore: StoreImport, SchemaReporting {
  public func census() async throws(StoreFailure) -> StoreCensus {
    var counts: [String: Int] = [:]
    var revision: Int64 = 0
    for row in try await reads.count() {
      revision = row.revision
      if row.count > 0 { counts[row.kind] = Int(clamping: row.count) }
    }
    return StoreCensus(counts: counts, revision: revision)
  }

  /// How the schema stands.
  public func schema() async throws(StoreFailure) -> SchemaState { try Self.schema(of: address, named: schemaName) }

  /// The same, of a database that nothing was done to yet. Waits for the server.
  public static func schema(
    of address: DatabaseAddress, named schema: String = "doorward"
  ) throws(StoreFailure) -> SchemaState {
    try Migrations(schema: schema).state(Session(address))
  }

  public func importRecords(_ records: [StoredRecord]) async throws(StoreFailure) -> CommitOutcome {
    if records.isEmpty {
      try commits.check()
      return .committed
    }
    guard records.allSatisfy({ $0.key.isStorable && !StoredChange.hasZeroByte($0.indexes) }) else {
      throw .unavailable("a key or an index with a zero byte cannot be stored")
    }
    var indexRecords: [Int32] = []
    var indexes: [(name: String, value: String)] = []
    for (index, record) in records.enumerated() {
      for (name, value) in record.indexes {
        indexRecords.append(Int32(clamping: index + 1))
        indexes.append((name, value))
      }
    }
    return try await commits.add([
      BinaryValue.array(records.map(\.key.kind.rawValue)), BinaryValue.array(records.map(\.key.key)),
      BinaryValue.array(records.map { Optional($0.version) }), BinaryValue.array(records.map { Optional($0.revision) }),
      BinaryValue.array(records.map(\.isAnnounced)),
      BinaryValue.array(records.map { $0.closedAt?.millisecondsSince1970 }),
      BinaryValue.array(records.map { $0.expiresAt?.millisecondsSince1970 }),
      BinaryValue.array(records.map { RecordRow.text($0.indexes) }),
      BinaryValue.array(records.map { Optional($0.body) }),
      BinaryValue.array(indexRecords), BinaryValue.array(indexes.map(\.name)),
      BinaryValue.array(indexes.map(\.value)),
    ])
  }
}
#endif
