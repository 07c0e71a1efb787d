public import StrictJSON

/// What is wrong with a token, a key or a sealed secret, as facts; the wording for people is made elsewhere.
///
/// No case carries key material or a signature, so a fault may be logged.
public enum JOSEFault: Error, Equatable, Sendable {
  /// The three parts of a compact serialization (RFC 7515 §7.1).
  public enum Part: String, Equatable, Sendable { case header, payload, signature }

  // The form of a token.

  /// The text has so many parts between dots; a signed token has three (RFC 7515 §7.1).
  case partCount(Int)
  /// That part is not base64url without padding (RFC 7515 §2).
  case notBase64URL(Part)
  /// The text or its header is longer than `limit` octets.
  case tooLarge(limit: Int)
  /// The header is not JSON, or repeats a member (RFC 7515 §4).
  case headerNotJSON(JSONFault)
  /// The header is JSON, but not an object (RFC 7515 §4).
  case headerNotObject
  /// That header parameter is missing, has the wrong JSON type, or is one that is never accepted (`b64`).
  case headerMember(String)
  /// The header demands these extensions, none of which is understood (RFC 7515 §4.1.11).
  case critical([String])

  // The signature.

  /// The header names an algorithm other than the one its key is bound to (RFC 8725 §3.1).
  case algorithmNotAllowed(String, expected: Algorithm)
  /// The signature is not one of this key over these octets.
  case signatureInvalid

  // The claims.

  /// The payload is not JSON, or repeats a member (RFC 7519 §4).
  case payloadNotJSON(JSONFault)
  /// The payload is JSON, but not an object (RFC 7519 §7.2).
  case payloadNotObject
  /// That claim has the wrong JSON type, or is a time that no clock can show (RFC 7519 §4.1).
  case claimMalformed(String)

  // Keys.

  /// A well-formed key for something else than verifying with our algorithms, named as `member=value`.
  case keyUnsupported(String)
  /// That member of the key is missing, malformed, or has no place in a public key (RFC 7517 §4).
  case keyMember(String)
  /// The RSA modulus is shorter than 2048 bits (RFC 7518 §3.3).
  case keyTooSmall(bits: Int)
  /// The RSA modulus is so long that verifying with it would be a way to keep us busy.
  case keyTooLarge(bits: Int)
  /// The RSA modulus was made by a generator whose keys can be factored (CVE-2017-15361).
  case keyWeak
  /// Two keys of a set have this `kid` (RFC 7517 §4.5).
  case keyIDRepeated(String)
  /// The private key's octets are not a key of that algorithm.
  case privateKeyMalformed(Algorithm)
  /// The cryptographic library could not make a key or a signature.
  case signingFailed

  // Secrets at rest.

  /// A sealing key has 32 octets, and this one has so many.
  case sealingKeyLength(Int)
  /// The sealed octets were changed, cut, or sealed with another key or for another context.
  case sealBroken
}
