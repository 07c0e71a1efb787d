/// The signature algorithms this module knows, and no others (RFC 7518 §3.1, RFC 8037 §3.1).
///
/// The list is closed on purpose: `none` and the HMAC algorithms cannot be asked for, so they cannot be confused
/// with a signature (RFC 8725 §2.1, §3.1). A key is bound to exactly one of them by its type.
public enum Algorithm: String, CaseIterable, Sendable {
  /// ECDSA on P-256 with SHA-256; the signature is the 64 octets R ‖ S (RFC 7518 §3.4).
  case es256 = "ES256"
  /// RSASSA-PKCS1-v1_5 with SHA-256, keys of 2048 bits or more (RFC 7518 §3.3).
  case rs256 = "RS256"
  /// Ed25519 (RFC 8037 §3.1); Ed448 is not supported.
  case edDSA = "EdDSA"
}
