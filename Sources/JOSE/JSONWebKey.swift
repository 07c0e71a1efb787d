import Crypto
import CryptoExtras
public import StrictJSON

/// A public key that verifies signatures of exactly one algorithm (RFC 7517 §4; RFC 8725 §3.1).
///
/// It is parsed and checked once; verifying does not parse it again. Two keys are equal if their `kid` and their
/// numbers are.
public struct JSONWebKey: Sendable, Equatable {
  /// The members that make the key, as canonical base64url: what is published, compared and fingerprinted.
  enum Material: Sendable, Equatable {
    case ec(x: String, y: String)
    case rsa(modulus: String, exponent: String)
    case okp(x: String)
  }

  /// The same key in the form the cryptographic library works with.
  enum Verifier: Sendable {
    case es256(P256.Signing.PublicKey)
    case rs256(_RSA.Signing.PublicKey)
    case edDSA(Curve25519.Signing.PublicKey)
  }

  /// `kid` (RFC 7517 §4.5)
  public let kid: String?
  /// The one algorithm this key verifies.
  public let algorithm: Algorithm
  let material: Material
  private let verifier: Verifier

  init(kid: String?, material: Material, verifier: Verifier) {
    self.kid = kid
    self.material = material
    self.verifier = verifier
    algorithm =
      switch verifier {
      case .es256: .es256
      case .rs256: .rs256
      case .edDSA: .edDSA
      }
  }

  /// The same key under another `kid`.
  public func named(_ kid: String?) -> JSONWebKey { JSONWebKey(kid: kid, material: material, verifier: verifier) }

  public static func == (left: JSONWebKey, right: JSONWebKey) -> Bool {
    left.kid == right.kid && left.material == right.material
  }

  /// The key as it is published (RFC 7517 §4), with `use` and `alg` spelled out.
  public var json: JSON {
    let (type, numbers): (JSON, [JSON.Member]) =
      switch material {
      case .ec(let x, let y): ("EC", [.init("crv", "P-256"), .init("x", .string(x)), .init("y", .string(y))])
      case .rsa(let modulus, let exponent): ("RSA", [.init("n", .string(modulus)), .init("e", .string(exponent))])
      case .okp(let x): ("OKP", [.init("crv", "Ed25519"), .init("x", .string(x))])
      }
    var members: [JSON.Member] = [.init("kty", type), .init("use", "sig"), .init("alg", .string(algorithm.rawValue))]
    if let kid { members.append(.init("kid", .string(kid))) }
    return .object(members + numbers)
  }

  /// Whether `signature` is one of this key over these octets.
  ///
  /// For ES256 that is exactly 64 octets, R ‖ S; the DER form is not accepted (RFC 7518 §3.4).
  public func isValid(signature: [UInt8], for signingInput: [UInt8]) -> Bool {
    switch verifier {
    case .es256(let key):
      guard signature.count == 64, let parsed = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else {
        return false
      }
      return key.isValidSignature(parsed, for: signingInput)
    case .rs256(let key):
      let parsed = _RSA.Signing.RSASignature(rawRepresentation: signature)
      return key.isValidSignature(parsed, for: signingInput, padding: .insecurePKCS1v1_5)
    case .edDSA(let key):
      guard signature.count == 64 else { return false }
      return key.isValidSignature(signature, for: signingInput)
    }
  }
}
