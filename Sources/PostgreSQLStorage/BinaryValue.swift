#if PostgreSQL
/// Values in the binary form of PostgreSQL's protocol: big-endian numbers, texts and bytes as they are.
enum BinaryValue {
  static func integer(_ value: Int64) -> [UInt8] { bytes(value) }
  static func text(_ value: String) -> [UInt8] { Array(value.utf8) }

  static func array(_ values: [String]) -> [UInt8] { array(values.map { Optional($0) }) }

  static func array(_ values: [String?]) -> [UInt8] {
    array(values, type: 25) { value, into in
      append(Int32(clamping: value.utf8.count), &into)
      into += value.utf8
    }
  }

  static func array(_ values: [[UInt8]?]) -> [UInt8] {
    array(values, type: 17) { value, into in
      append(Int32(clamping: value.count), &into)
      into += value
    }
  }

  static func array(_ values: [Int64?]) -> [UInt8] {
    array(values, type: 20) { value, into in
      append(Int32(8), &into)
      append(value, &into)
    }
  }

  static func array(_ values: [Int32]) -> [UInt8] {
    array(values.map { Optional($0) }, type: 23) { value, into in
      append(Int32(4), &into)
      append(value, &into)
    }
  }

  static func array(_ values: [Bool]) -> [UInt8] {
    array(values.map { Optional($0) }, type: 16) { value, into in
      append(Int32(1), &into)
      into.append(value ? 1 : 0)
    }
  }

  /// One dimension, from index 1. The types' numbers are fixed by `pg_type.dat`.
  private static func array<Element>(
    _ values: [Element?], type: Int32, _ element: (Element, inout [UInt8]) -> Void
  ) -> [UInt8] {
    var into: [UInt8] = []
    into.reserveCapacity(20 + values.count * 16)
    append(Int32(values.isEmpty ? 0 : 1), &into)
    append(Int32(1), &into)
    append(type, &into)
    if values.isEmpty { return into }
    append(Int32(clamping: values.count), &into)
    append(Int32(1), &into)
    for value in values {
      if let value { element(value, &into) } else { append(Int32(-1), &into) }
    }
    return into
  }

  private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  private static func append(_ value: some FixedWidthInteger, _ into: inout [UInt8]) {
    withUnsafeBytes(of: value.bigEndian) { into += $0 }
  }
}
#endif
