import JOSE

/// Proof Key for Code Exchange, S256 only (RFC 7636 §4.2, §4.6).
public enum ProofKey {
  /// RFC 7636 §4.1: 43 to 128 unreserved characters.
  public static func isVerifier(_ text: String) -> Bool {
    (43...128).contains(text.utf8.count)
      && text.utf8.allSatisfy { isUnreserved($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "~") }
  }

  public static func challenge(of verifier: String) -> String {
    Base64URL.encode(SHA256Hash.digest(of: verifier.utf8))
  }

  /// The alphabet of base64url.
  static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
  }
}
