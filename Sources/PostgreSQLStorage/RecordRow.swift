#if PostgreSQL
import Storage
import StrictJSON
import Vocabulary

/// Records as rows.
enum RecordRow {
  static func all(_ reply: Reply) throws(StoreFailure) -> [StoredRecord] {
    var records: [StoredRecord] = []
    records.reserveCapacity(reply.count)
    for row in 0..<reply.count { records.append(try record(reply, row)) }
    return records
  }

  static func record(_ reply: Reply, _ row: Int) throws(StoreFailure) -> StoredRecord {
    guard let kind = reply.text(row, 0).flatMap(RecordKind.init(rawValue:)), let key = reply.text(row, 1),
      let version = reply.integer(row, 2), let body = reply.bytes(row, 7)
    else { throw .damaged("a row of the database is not a record") }
    return StoredRecord(
      key: RecordKey(kind, key), version: version, revision: reply.integer(row, 3) ?? 0,
      closedAt: reply.integer(row, 4).map(Instant.init(millisecondsSince1970:)),
      expiresAt: reply.integer(row, 5).map(Instant.init(millisecondsSince1970:)),
      indexes: try indexes(reply.bytes(row, 6)), body: body)
  }

  /// The indexes as they stand in the record, sorted so that equal ones are equal texts; `nil` where there are none.
  static func text(_ indexes: [String: String]) -> String? {
    if indexes.isEmpty { return nil }
    return JSON.object(indexes.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }).text
  }

  private static func indexes(_ bytes: [UInt8]?) throws(StoreFailure) -> [String: String] {
    guard let bytes else { return [:] }
    guard let members = (try? JSON(parsing: bytes))?.members else {
      throw .damaged("the indexes of a record cannot be read")
    }
    var indexes: [String: String] = [:]
    for member in members { indexes[member.name] = member.value.string }
    return indexes
  }
}
#endif
