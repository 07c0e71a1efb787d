import JOSE
import Vocabulary

/// One number for all that is in a store: SHA-256 of each record behind that of the records before it, kind by kind.
public struct StoreDigest: Sendable {
  private var states: [String: [UInt8]] = [:]

  public init() {}

  /// Records of one kind are added by key; the kinds in any order.
  public mutating func add(_ record: StoredRecord) {
    let kind = record.key.kind.rawValue
    var bytes = states[kind] ?? []
    func add(_ part: some Collection<UInt8>) {
      for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: part.count >> shift)) }
      bytes += part
    }
    add(record.key.key.utf8)
    let moments = [record.closedAt, record.expiresAt].map { $0.map { "\($0.millisecondsSince1970)" } ?? "-" }
    add("\(record.version) \(record.revision) \(moments.joined(separator: " "))".utf8)
    for (name, value) in record.indexes.sorted(by: { $0.key < $1.key }) {
      add(name.utf8)
      add(value.utf8)
    }
    add(record.body)
    states[kind] = SHA256Hash.digest(of: bytes)
  }

  public var hexadecimal: String {
    var all: [UInt8] = []
    for (kind, state) in states.sorted(by: { $0.key < $1.key }) {
      all += kind.utf8
      all.append(0)
      all += state
    }
    return SHA256Hash.digest(of: all).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
