/// Decoded `application/x-www-form-urlencoded` parameters. Repeated ones stay visible, because
/// RFC 6749 §3.1 and §3.2 forbid them and silently taking the first or the last is how checks are bypassed.
public struct Form: Equatable, Sendable {
  public struct Parameter: Equatable, Sendable {
    public let name: String
    public let value: String
  }

  public let parameters: [Parameter]

  /// Why a body or query cannot be read as a form.
  public enum Fault: Error, Equatable, Sendable {
    case percentEncoding(offset: Int)
    case notUTF8(offset: Int)
    case tooMany(limit: Int)
  }

  public init(_ parameters: [(String, String)]) {
    self.parameters = parameters.map { Parameter(name: $0.0, value: $0.1) }
  }

  /// Decodes bytes as the URL standard's form encoding does: `&` between pairs, `+` for a space, `%XX`.
  public init(decoding bytes: some Collection<UInt8>, limit: Int = 64) throws(Fault) {
    try self.init(bytes: Array(bytes), limit: limit)
  }

  /// Not generic: this is half the work of a token request, and a generic loop is ten times slower.
  private init(bytes: [UInt8], limit: Int) throws(Fault) {
    var parameters: [Parameter] = []
    var offset = 0
    for pair in bytes.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
      defer { offset += pair.count + 1 }
      if pair.isEmpty { continue }
      guard parameters.count < limit else { throw .tooMany(limit: limit) }
      let equals = pair.firstIndex(of: UInt8(ascii: "="))
      let name = try Self.decode(pair[..<(equals ?? pair.endIndex)], plusIsSpace: true, offset: offset)
      let rest = equals.map { pair[pair.index(after: $0)...] }
      let value = try rest.map { part throws(Fault) in try Self.decode(part, plusIsSpace: true, offset: offset) } ?? ""
      parameters.append(Parameter(name: name, value: value))
    }
    self.parameters = parameters
  }

  /// Undoes percent-encoding, strictly: `%` must be followed by two hexadecimal digits, the result is UTF-8.
  public static func decode(_ bytes: some Collection<UInt8>, plusIsSpace: Bool) throws(Fault) -> String {
    try decode(Array(bytes)[...], plusIsSpace: plusIsSpace, offset: 0)
  }

  private static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool, offset: Int) throws(Fault) -> String {
    if !bytes.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) {
      guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8(offset: offset) }
      return text
    }
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index != bytes.endIndex {
      let byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "+"), plusIsSpace {
        output.append(0x20)
      } else if byte == UInt8(ascii: "%") {
        var value: UInt8 = 0
        for _ in 0..<2 {
          guard index != bytes.endIndex, let digit = hexadecimalDigit(bytes[index]) else {
            throw .percentEncoding(offset: offset + index - bytes.startIndex)
          }
          value = value << 4 | digit
          index += 1
        }
        output.append(value)
      } else {
        output.append(byte)
      }
    }
    guard let text = String(validating: output, as: UTF8.self) else { throw .notUTF8(offset: offset) }
    return text
  }

  private static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }

  /// The value of that name. A parameter without a value counts as omitted (RFC 6749 §3.1).
  public subscript(name: String) -> String? {
    let value = parameters.first { $0.name == name }?.value
    return value?.isEmpty == true ? nil : value
  }

  public func values(of name: String) -> [String] { parameters.filter { $0.name == name }.map(\.value) }

  /// The first name that occurs twice, other than those that may (`resource`, RFC 8707 §2).
  public func repeatedName(except allowed: Set<String> = []) -> String? {
    var seen: Set<String> = []
    return parameters.first { !allowed.contains($0.name) && !seen.insert($0.name).inserted }?.name
  }

  /// Writes pairs in the form encoding: a space as `+`, all but unreserved characters as `%XX`.
  public static func encode(_ pairs: [(String, String)]) -> String {
    pairs.map { encode($0.0) + "=" + encode($0.1) }.joined(separator: "&")
  }

  private static func encode(_ text: String) -> String {
    var output = ""
    for byte in text.utf8 {
      switch byte {
      case 0x20: output += "+"
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        output.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        output += digits.utf8.count == 1 ? "%0" + digits : "%" + digits
      }
    }
    return output
  }
}
