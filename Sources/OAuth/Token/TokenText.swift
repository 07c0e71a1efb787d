public import Dialects
import JOSE
public import Vocabulary

/// The written forms of tokens (RFC 6749 §1.4, §1.5): made from random bytes, and recognised again.
public enum TokenText {
  public static let accessPrefix = "dwa_"
  public static let refreshPrefix = "dwr_"
  public static let codePrefix = "dwc_"
  public static let sessionPrefix = "dwn_"
  public static let secretPrefix = "dws_"

  /// Writes 32 bytes in the form a contract wants: a prefixed base64url text of 256 bits, or a UUID of 122.
  public static func write(_ bytes: [UInt8], form: TokenForm, prefix: String) -> Secret {
    switch form {
    case .uuid: Secret(uuid(bytes))
    case .opaque, .jwt: Secret(prefix + Base64URL.encode(bytes))
    }
  }

  /// A version 4 UUID from the first 16 bytes (RFC 9562 §5.4).
  public static func uuid(_ bytes: [UInt8]) -> String {
    let high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    let low = bytes.dropFirst(8).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    return TraceID(random: high, low).uuid
  }

  /// Whether a text has the form, judged without looking it up. Opaque: token68 characters and our length.
  public static func has(form: TokenForm, _ text: String) -> Bool {
    switch form {
    case .uuid: text.utf8.count == 36 && TraceID(text) != nil
    case .opaque: text.utf8.count == 47 && isToken68(text.utf8)
    case .jwt: text.utf8.reduce(0) { $0 + ($1 == UInt8(ascii: ".") ? 1 : 0) } == 2 && isToken68(text.utf8)
    }
  }

  /// RFC 9110 §11.2.
  public static func isToken68(_ text: some Collection<UInt8>) -> Bool {
    text.withContiguousStorageIfAvailable(isToken68) ?? Array(text).withUnsafeBufferPointer(isToken68)
  }

  private static func isToken68(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var end = text.count
    while end > 0, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
    // One look at a table for each byte, and one at the end for all.
    return token68.withUnsafeBufferPointer { allowed in
      var isAllowed = true
      for byte in text[..<end] { isAllowed = allowed[Int(byte)] && isAllowed }
      return isAllowed
    }
  }

  private static let token68: [Bool] = (UInt8.min...UInt8.max).map { byte in
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"):
      true
    default: false
    }
  }

  /// What is stored and looked up of a secret.
  public static func digest(_ secret: Secret) -> Digest { digest(SHA256Hash.digest(of: secret.utf8)) }

  public static func digest(_ hash: [UInt8]) -> Digest { Digest(bytes: hash) ?? .zero }
}
