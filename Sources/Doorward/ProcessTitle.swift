import Foundation

extension CommandLine {
  /// Writes over the passwords of URLs among this process's arguments, where the system's list of processes shows
  /// them. Call it before anything is waited for: until then they can be seen.
  static func hidePasswords() {
    for index in 0..<Int(argc) {
      guard let argument = unsafeArgv[index] else { continue }
      let length = strlen(argument)
      let text = UnsafeMutableBufferPointer(start: argument, count: length)
      guard let hidden = password(in: String(cString: argument)) else { continue }
      for offset in hidden where offset < length { text[offset] = CChar(UInt8(ascii: "x")) }
    }
  }

  /// Where, in bytes, the password of a URL of a database stands.
  static func password(in argument: String) -> Range<Int>? {
    let bytes = Array(argument.utf8)
    guard let scheme = argument.firstRange(of: "postgresql://") ?? argument.firstRange(of: "postgres://") else {
      return nil
    }
    let start = argument.utf8.distance(from: argument.startIndex, to: scheme.upperBound)
    let rest = bytes[start...]
    // The last @ before a query: a badly written password may have one, or a slash.
    let end = rest.firstIndex(of: UInt8(ascii: "?")) ?? bytes.count
    guard let at = bytes[start..<end].lastIndex(of: UInt8(ascii: "@")),
      let colon = bytes[start..<at].firstIndex(of: UInt8(ascii: ":"))
    else { return nil }
    return colon + 1..<at
  }
}
