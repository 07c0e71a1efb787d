/// What a name beside it says is a secret: `?pw=…`, `client_secret=…`, `https://name:…@host`. By bytes and in one pass,
/// since every text of every record comes by here.
enum NamedSecrets {
  private static let names = [
    "password", "passwd", "passphrase", "pass", "pwd", "pw", "secret", "clientsecret", "accesstoken", "refreshtoken",
    "idtoken", "apikey", "codeverifier", "clientassertion",
  ].map { Array($0.utf8) }
  /// What is shorter is no secret worth the name.
  private static let shortest = 6

  static func removed(from text: String) -> String {
    let bytes = Array(text.utf8)
    var output: [UInt8] = []
    // All before it is in the output.
    var kept = 0
    var index = 0
    while index < bytes.count {
      let secret =
        switch bytes[index] {
        case UInt8(ascii: "="): value(bytes, named: kept..<index)
        case UInt8(ascii: ":"): password(bytes, at: index)
        default: Range<Int>?.none
        }
      guard let secret else {
        index += 1
        continue
      }
      let before = bytes[kept..<secret.lowerBound]
      // What an address passes for a name may hold a named value.
      output +=
        bytes[index] == UInt8(ascii: ":")
        ? Array(removed(from: String(decoding: before, as: UTF8.self)).utf8) : Array(before)
      output += "(\(String(decoding: bytes[secret], as: UTF8.self).count) characters)".utf8
      kept = secret.upperBound
      index = kept
    }
    return kept == 0 ? text : String(decoding: output + bytes[kept...], as: UTF8.self)
  }

  /// `name=value`, up to what ends a value in a query, a form, a header or a sentence; or to the other quote.
  private static func value(_ bytes: [UInt8], named before: Range<Int>) -> Range<Int>? {
    let start = bytes[before].lastIndex { !$0.isBase64URL }.map { $0 + 1 } ?? before.lowerBound
    guard isSecretName(bytes[start..<before.upperBound]) else { return nil }
    var first = before.upperBound + 1
    var ends = Array("&\"'`,; \t\r\n".utf8)
    if first < bytes.count, "\"'`".utf8.contains(bytes[first]) {
      ends = [bytes[first]]
      first += 1
    }
    var end = first
    // `…` marks what was cut.
    while end < bytes.count, !ends.contains(bytes[end]), !bytes[end...].starts(with: [0xE2, 0x80, 0xA6]) { end += 1 }
    return end - first >= shortest ? first..<end : nil
  }

  /// `X-Access-Token` and `new_password` are such names; `spw` and `no_secret_at_all` are none.
  private static func isSecretName(_ name: ArraySlice<UInt8>) -> Bool {
    let words = name.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
      .split { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    guard let last = words.last else { return false }
    let lastTwo = words.suffix(2).flatMap(\.self)
    return names.contains { $0.elementsEqual(last) || $0 == lastTwo }
  }

  /// `://name:password@`.
  private static func password(_ bytes: [UInt8], at colon: Int) -> Range<Int>? {
    guard bytes[colon...].starts(with: "://".utf8) else { return nil }
    let name = bytes[(colon + 3)...].prefix { !"/:@ \t\r\n".utf8.contains($0) }
    guard name.endIndex < bytes.count, bytes[name.endIndex] == UInt8(ascii: ":") else { return nil }
    let first = name.endIndex + 1
    let password = bytes[first...].prefix { !"/@ \t\r\n".utf8.contains($0) }
    guard password.count >= shortest, password.endIndex < bytes.count, bytes[password.endIndex] == UInt8(ascii: "@")
    else { return nil }
    return password.indices
  }
}
