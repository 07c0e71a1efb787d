public import Vocabulary

/// Changes that happen together or not at all. A write is a value.
public struct Batch: Equatable, Sendable {
  public var changes: [StoredChange]

  public init(_ changes: [StoredChange] = []) { self.changes = changes }

  public var isEmpty: Bool { changes.isEmpty }
}

/// One change to one record.
public enum StoredChange: Equatable, Sendable {
  /// Conflicts when the key exists (also when that record is closed).
  case insert(RecordKey, body: [UInt8], expiresAt: Instant?, indexes: [String: String])
  /// Conflicts when the record is absent, closed, or not at that version.
  case replace(RecordKey, expecting: Int64, body: [UInt8], expiresAt: Instant?, indexes: [String: String])
  /// Changes nothing; conflicts when the record is absent, closed, or not at that version. What was decided by a record
  /// is committed only while the record is what it was.
  case require(RecordKey, at: Int64)
  /// Closes whatever version there is; closing a closed or absent record changes nothing. Never conflicts,
  /// so that a refusal can order it by id alone. Always announced.
  case close(RecordKey, at: Instant)
  /// Removes the record; removing an absent one changes nothing. Not announced: close what others must hear of.
  case remove(RecordKey)
}
