/// Why a text is not acceptable JSON, and where.
public struct JSONFault: Error, Equatable, Sendable {
  public enum Kind: String, Equatable, Sendable {
    case unexpectedByte = "unexpected byte"
    case unexpectedEnd = "unexpected end"
    case invalidUTF8 = "invalid UTF-8"
    case invalidEscape = "invalid escape"
    case controlCharacter = "control character in a string"
    case invalidNumber = "invalid number"
    case repeatedMember = "repeated member"
    case tooDeep = "nested too deeply"
    case trailingBytes = "bytes after the value"
  }

  public let kind: Kind
  /// The offset in bytes of the first byte that could not be accepted.
  public let offset: Int
}

extension JSON {
  /// Parses one JSON text (RFC 8259), strictly: no repeated member names (RFC 8725 §2.4 asks that of
  /// tokens, RFC 7493 §2.3 of all), no trailing bytes, at most `maximumDepth` levels.
  public init(parsing bytes: some Collection<UInt8>, maximumDepth: Int = 32) throws(JSONFault) {
    let result = bytes.withContiguousStorageIfAvailable { buffer in
      Self.parse(UnsafeRawBufferPointer(buffer), maximumDepth)
    }
    let outcome = result ?? Array(bytes).withUnsafeBytes { Self.parse($0, maximumDepth) }
    self = try outcome.get()
  }

  private static func parse(_ bytes: UnsafeRawBufferPointer, _ maximumDepth: Int) -> Result<JSON, JSONFault> {
    var reader = JSONReader(bytes: bytes, maximumDepth: maximumDepth)
    do throws(JSONFault) {
      let value = try reader.value(depth: 0)
      reader.skipWhitespace()
      guard reader.offset == bytes.count else { throw reader.fault(.trailingBytes) }
      return .success(value)
    } catch {
      return .failure(error)
    }
  }
}

/// A recursive descent over bytes; recursion is bounded by `maximumDepth`.
struct JSONReader {
  let bytes: UnsafeRawBufferPointer
  let maximumDepth: Int
  var offset = 0

  init(bytes: UnsafeRawBufferPointer, maximumDepth: Int) {
    self.bytes = bytes
    self.maximumDepth = maximumDepth
  }

  func fault(_ kind: JSONFault.Kind) -> JSONFault { JSONFault(kind: kind, offset: offset) }

  mutating func skipWhitespace() {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      default: return
      }
    }
  }

  func peek() throws(JSONFault) -> UInt8 {
    guard offset < bytes.count else { throw fault(.unexpectedEnd) }
    return bytes[offset]
  }

  mutating func value(depth: Int) throws(JSONFault) -> JSON {
    guard depth < maximumDepth else { throw fault(.tooDeep) }
    skipWhitespace()
    switch try peek() {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: return try number()
    }
  }

  private mutating func literal(_ word: StaticString, _ value: JSON) throws(JSONFault) -> JSON {
    for index in 0..<word.utf8CodeUnitCount {
      guard try peek() == word.utf8Start[index] else { throw fault(.unexpectedByte) }
      offset += 1
    }
    return value
  }

  private mutating func object(depth: Int) throws(JSONFault) -> JSON {
    offset += 1
    var members: [JSON.Member] = []
    var names: Set<String> = []
    skipWhitespace()
    if try peek() == UInt8(ascii: "}") {
      offset += 1
      return .object([])
    }
    while true {
      skipWhitespace()
      guard try peek() == UInt8(ascii: "\"") else { throw fault(.unexpectedByte) }
      let start = offset
      let name = try string()
      // Few members: a linear look is faster than a set. Many: a set keeps this from being quadratic.
      let repeated =
        members.count < 16 ? members.contains { $0.name.utf8.elementsEqual(name.utf8) } : !names.insert(name).inserted
      if repeated { throw JSONFault(kind: .repeatedMember, offset: start) }
      skipWhitespace()
      guard try peek() == UInt8(ascii: ":") else { throw fault(.unexpectedByte) }
      offset += 1
      members.append(JSON.Member(name, try value(depth: depth + 1)))
      if members.count == 16 { names = Set(members.map(\.name)) }
      skipWhitespace()
      switch try peek() {
      case UInt8(ascii: ","): offset += 1
      case UInt8(ascii: "}"):
        offset += 1
        return .object(members)
      default: throw fault(.unexpectedByte)
      }
    }
  }

  private mutating func array(depth: Int) throws(JSONFault) -> JSON {
    offset += 1
    var values: [JSON] = []
    skipWhitespace()
    if try peek() == UInt8(ascii: "]") {
      offset += 1
      return .array([])
    }
    while true {
      values.append(try value(depth: depth + 1))
      skipWhitespace()
      switch try peek() {
      case UInt8(ascii: ","): offset += 1
      case UInt8(ascii: "]"):
        offset += 1
        return .array(values)
      default: throw fault(.unexpectedByte)
      }
    }
  }

  private mutating func number() throws(JSONFault) -> JSON {
    let start = offset
    if try peek() == UInt8(ascii: "-") { offset += 1 }
    let first = try peek()
    try digits()
    if first == UInt8(ascii: "0"), offset - start > (bytes[start] == UInt8(ascii: "-") ? 2 : 1) {
      throw fault(.invalidNumber)
    }
    if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
      offset += 1
      try digits()
    }
    if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
      offset += 1
      if offset < bytes.count, bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-") {
        offset += 1
      }
      try digits()
    }
    return .number(String(decoding: bytes[start..<offset], as: UTF8.self))
  }

  private mutating func digits() throws(JSONFault) {
    let start = offset
    while offset < bytes.count, bytes[offset] >= 0x30, bytes[offset] <= 0x39 { offset += 1 }
    guard offset > start else {
      throw offset < bytes.count ? fault(.unexpectedByte) : fault(.unexpectedEnd)
    }
  }

  private mutating func string() throws(JSONFault) -> String {
    offset += 1
    let start = offset
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        guard let text = String(validating: bytes[start..<offset], as: UTF8.self) else {
          throw JSONFault(kind: .invalidUTF8, offset: start)
        }
        offset += 1
        return text
      case UInt8(ascii: "\\"): return try escapedString(from: start)
      case 0..<0x20: throw fault(.controlCharacter)
      default: offset += 1
      }
    }
    throw fault(.unexpectedEnd)
  }

  private mutating func escapedString(from start: Int) throws(JSONFault) -> String {
    var text = [UInt8](bytes[start..<offset])
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw JSONFault(kind: .invalidUTF8, offset: start)
        }
        return string
      case UInt8(ascii: "\\"): try appendEscape(to: &text)
      case 0..<0x20:
        offset -= 1
        throw fault(.controlCharacter)
      default: text.append(byte)
      }
    }
    throw fault(.unexpectedEnd)
  }

  private mutating func appendEscape(to text: inout [UInt8]) throws(JSONFault) {
    let byte = try peek()
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var scalar = UInt32(try hex4())
      if (0xD800..<0xDC00).contains(scalar) {
        guard try peek() == UInt8(ascii: "\\") else { throw fault(.invalidEscape) }
        offset += 1
        guard try peek() == UInt8(ascii: "u") else { throw fault(.invalidEscape) }
        offset += 1
        let low = UInt32(try hex4())
        guard (0xDC00..<0xE000).contains(low) else { throw fault(.invalidEscape) }
        scalar = 0x10000 + ((scalar - 0xD800) << 10) + (low - 0xDC00)
      }
      guard let unicode = Unicode.Scalar(scalar) else { throw fault(.invalidEscape) }
      text.append(contentsOf: Array(String(Character(unicode)).utf8))
    default:
      offset -= 1
      throw fault(.invalidEscape)
    }
  }

  private mutating func hex4() throws(JSONFault) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      let byte = try peek()
      let digit: UInt16
      switch byte {
      case 0x30...0x39: digit = UInt16(byte - 0x30)
      case 0x41...0x46: digit = UInt16(byte - 0x37)
      case 0x61...0x66: digit = UInt16(byte - 0x57)
      default: throw fault(.invalidEscape)
      }
      value = value << 4 | digit
      offset += 1
    }
    return value
  }
}
