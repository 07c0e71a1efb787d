import Storage
import Vocabulary

/// Short spellings for the records the checks are made of.
extension Store {
  func one(_ kind: RecordKind, _ key: String) async throws -> StoredRecord? {
    try await read([RecordKey(kind, key)]).first ?? nil
  }

  /// Commits and demands that it was.
  func put(_ changes: StoredChange..., line: UInt = #line) async throws {
    try demand(try await commit(Batch(changes)), equals: .committed, "the commit", line: line)
  }

  func refuses(_ changes: StoredChange..., line: UInt = #line) async throws {
    try demand(try await commit(Batch(changes)), equals: .conflict, "the commit", line: line)
  }
}

extension StoredChange {
  static func new(
    _ kind: RecordKind, _ key: String, _ body: [UInt8] = [1], expires: Int64? = nil, indexes: [String: String] = [:]
  ) -> StoredChange {
    .insert(
      RecordKey(kind, key), body: body, expiresAt: expires.map(Instant.init(millisecondsSince1970:)), indexes: indexes)
  }

  static func change(
    _ kind: RecordKind, _ key: String, at version: Int64, _ body: [UInt8] = [2], expires: Int64? = nil,
    indexes: [String: String] = [:]
  ) -> StoredChange {
    .replace(
      RecordKey(kind, key), expecting: version, body: body,
      expiresAt: expires.map(Instant.init(millisecondsSince1970:)), indexes: indexes)
  }

  static func end(_ kind: RecordKind, _ key: String, at moment: Int64 = 1000) -> StoredChange {
    .close(RecordKey(kind, key), at: Instant(millisecondsSince1970: moment))
  }
}
