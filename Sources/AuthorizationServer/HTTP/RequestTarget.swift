public import Catalogue
public import Vocabulary

/// One canonical request target, computed once, checked and forwarded as computed. What can be read in more than
/// one way is refused, because the gate and the API behind it might read it differently (RFC 3986 §3.3, §6.2).
public struct RequestTarget: Equatable, Sendable {
  /// The path as it arrived, which is also the only way to read it.
  public let path: String
  /// The path split at slashes, percent-decoded; a trailing slash shows as a last empty segment.
  public let segments: [String]
  /// The raw query without the question mark; `nil` when there is none.
  public let query: String?

  public init(_ target: String) throws(Refusal) {
    guard target.utf8.count <= 16_384 else { throw .request(.targetAmbiguous("more than 16384 bytes")) }
    if let plain = Self.plain(target) {
      (path, segments, query) = plain
      return
    }
    guard target.utf8.first == UInt8(ascii: "/") else { throw .request(.targetAmbiguous("no leading slash")) }
    guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw .request(.targetAmbiguous("a byte that must be percent-encoded"))
    }
    guard !target.utf8.contains(UInt8(ascii: "#")) else { throw .request(.targetAmbiguous("a fragment")) }
    let mark = target.firstIndex(of: "?")
    let path = Self.canonical(target[..<(mark ?? target.endIndex)])[...]
    query = try mark.map { mark throws(Refusal) in
      let query = target[target.index(after: mark)...]
      guard (try? Form.decode(query.utf8, plusIsSpace: false)) != nil else {
        throw .request(.targetAmbiguous("broken percent-encoding in the query"))
      }
      return Self.canonical(query)
    }
    self.path = String(path)
    segments = try Self.split(path)
  }

  /// The usual target, read in one go: a path and a query without anything that could be read in two ways. `nil` for
  /// any other, which is then looked at step by step.
  private static func plain(_ target: String) -> (path: String, segments: [String], query: String?)? {
    var target = target
    return target.withUTF8 { bytes in
      guard bytes.first == UInt8(ascii: "/") else { return nil }
      var segments: [String] = []
      var start = 1
      var end = 1
      while end < bytes.count, bytes[end] != UInt8(ascii: "?") {
        let byte = bytes[end]
        if byte == UInt8(ascii: "/") {
          guard end > start else { return nil }
          segments.append(String(decoding: bytes[start..<end], as: UTF8.self))
          start = end + 1
        } else if !isUnreserved(byte) || (byte == UInt8(ascii: ".") && end == start) {
          return nil
        }
        end += 1
      }
      segments.append(String(decoding: bytes[start..<end], as: UTF8.self))
      let path = String(decoding: bytes[..<end], as: UTF8.self)
      guard end < bytes.count else { return (path, segments, nil) }
      let query = bytes[(end + 1)...]
      guard query.allSatisfy({ isUnreserved($0) || "=&/:,".utf8.contains($0) }) else { return nil }
      return (path, segments, String(decoding: query, as: UTF8.self))
    }
  }

  /// RFC 3986 §2.3.
  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"):
      true
    default: false
    }
  }

  /// Percent-encodes what RFC 3986 §3.3 and §3.4 do not allow bare, which many clients send all the same
  /// (`filter[name]=x`). Done once here, since whoever forwards it would do it again in a way of their own.
  private static func canonical(_ text: Substring) -> String {
    guard text.utf8.contains(where: { "\"<>[]^`{|}".utf8.contains($0) }) else { return String(text) }
    var output = ""
    for byte in text.utf8 {
      if "\"<>[]^`{|}".utf8.contains(byte) {
        let digits = String(byte, radix: 16, uppercase: true)
        output += "%" + (digits.count == 1 ? "0" : "") + digits
      } else {
        output.unicodeScalars.append(Unicode.Scalar(byte))
      }
    }
    return output
  }

  private static func split(_ path: Substring) throws(Refusal) -> [String] {
    var segments: [String] = []
    let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if part.isEmpty, index + 1 < parts.count { throw .request(.targetAmbiguous("an empty segment")) }
      if part.utf8.contains(UInt8(ascii: ";")) { throw .request(.targetAmbiguous("a semicolon")) }
      if part.utf8.contains(UInt8(ascii: "\\")) { throw .request(.targetAmbiguous("a backslash")) }
      guard part.utf8.contains(UInt8(ascii: "%")) else {
        if part == "." || part == ".." { throw .request(.targetAmbiguous("a dot segment")) }
        segments.append(String(part))
        continue
      }
      guard let decoded = try? Form.decode(part.utf8, plusIsSpace: false) else {
        throw .request(.targetAmbiguous("broken percent-encoding"))
      }
      for byte in decoded.utf8 where byte < 0x20 || byte == 0x7F || "/\\;%".utf8.contains(byte) {
        throw .request(.targetAmbiguous("an encoded slash, backslash, semicolon, percent sign or control character"))
      }
      if decoded == "." || decoded == ".." { throw .request(.targetAmbiguous("an encoded dot segment")) }
      segments.append(decoded)
    }
    return segments
  }

  /// The decoded query; `nil` when there is none or it cannot be decoded.
  public var form: Form? { query.flatMap { try? Form(decoding: $0.utf8) } }

  /// The target below a mount's prefix (given as segments), or `nil` when it is elsewhere.
  public func stripping(_ prefix: [String]) -> RequestTarget? {
    guard isBelow(prefix) else { return nil }
    if prefix.isEmpty { return self }
    var rest = path[...]
    for _ in prefix { rest = rest.dropFirst().drop { $0 != "/" } }
    return RequestTarget(
      path: rest.isEmpty ? "/" : String(rest), segments: Array(segments.dropFirst(prefix.count)), query: query)
  }

  /// Whether it lies below a mount's prefix.
  public func isBelow(_ prefix: [String]) -> Bool {
    segments.count >= prefix.count && zip(segments, prefix).allSatisfy { $0.hasSameBytes(as: $1) }
  }

  /// Without a trailing slash, for APIs that ignore it.
  public var withoutTrailingSlash: RequestTarget {
    guard segments.count > 1, segments.last == "" else { return self }
    return RequestTarget(path: String(path.dropLast()), segments: segments.dropLast(), query: query)
  }

  fileprivate init(path: String, segments: [String], query: String?) {
    self.path = path
    self.segments = segments
    self.query = query
  }
}

extension String {
  /// Swift's `==` takes canonically equivalent texts for equal: the Kelvin sign for a K. A gate must not.
  func hasSameBytes(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}

extension RequestTarget {
  /// What stands for a target that could not be read.
  public static let root = RequestTarget(path: "/", segments: [""], query: nil)
}
