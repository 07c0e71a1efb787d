import JOSE
import Vocabulary

/// One number for all that is in a store: SHA-256 of each record behind that of the records before it.
public struct StoreDigest: Sendable {
  private var state = [UInt8](repeating: 0, count: 32)

  public init() {}

  /// Records are added in the order of a copy: by kind, then key.
  public mutating func add(_ record: StoredRecord) {
    var bytes = state
    func add(_ part: some Collection<UInt8>) {
      for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: part.count >> shift)) }
      bytes += part
    }
    add(record.key.kind.rawValue.utf8)
    add(record.key.key.utf8)
    let moments = [record.closedAt, record.expiresAt].map { $0.map { "\($0.millisecondsSince1970)" } ?? "-" }
    add("\(record.version) \(record.revision) \(moments.joined(separator: " "))".utf8)
    for (name, value) in record.indexes.sorted(by: { $0.key < $1.key }) {
      add(name.utf8)
      add(value.utf8)
    }
    add(record.body)
    state = SHA256Hash.digest(of: bytes)
  }

  public var hexadecimal: String {
    state.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
