import GRDB
import Storage
import Vocabulary

/// A number over all that a row says, kept beside it: a disk that changed a byte is found when the row is read, and not
/// believed. FNV-1a of 64 bits (RFC 9923 §2): it is there for accidents, not for adversaries.
struct RecordChecksum {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325

  static func of(
    kind: String, key: String, version: Int64, revision: Int64, closed: Int64?, expires: Int64?,
    indexes: [String: String],
    body: some Sequence<UInt8>
  ) -> Int64 {
    var sum = RecordChecksum()
    sum.add(kind)
    sum.add(key)
    sum.add(version)
    sum.add(revision)
    sum.add(closed)
    sum.add(expires)
    for (name, value) in indexes.count > 1 ? indexes.sorted(by: { $0.key < $1.key }) : Array(indexes) {
      sum.add(name)
      sum.add(value)
    }
    for byte in body { sum.add(byte) }
    return Int64(bitPattern: sum.state)
  }

  /// Of a record as it is about to be written.
  static func of(_ record: StoredRecord) -> Int64 {
    of(
      kind: record.key.kind.rawValue, key: record.key.key, version: record.version, revision: record.revision,
      closed: record.closedAt?.millisecondsSince1970, expires: record.expiresAt?.millisecondsSince1970,
      indexes: record.indexes, body: record.body)
  }

  private mutating func add(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }

  /// With an end that no text of ours contains.
  private mutating func add(_ text: String) {
    for byte in text.utf8 { add(byte) }
    add(0)
  }

  private mutating func add(_ number: Int64?) {
    guard let number else { return add(UInt8(0)) }
    add(UInt8(1))
    for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> shift)) }
  }
}

/// A row is not what was written.
struct RecordDamage: Error {
  let kind: String
}
