import Crypto
import CryptoExtras
import StrictJSON

/// A private key of the server, bound to one algorithm.
///
/// Its `kid` is the thumbprint of its public half (RFC 7638 §1), so the same key has the same name everywhere.
public struct SigningKey: Sendable {
  private enum Signer: Sendable {
    case es256(P256.Signing.PrivateKey)
    case rs256(_RSA.Signing.PrivateKey)
    case edDSA(Curve25519.Signing.PrivateKey)
  }

  public let kid: String
  public let algorithm: Algorithm
  /// The key that verifies what this one signs, with the same `kid`.
  public let publicKey: JSONWebKey
  private let signer: Signer
  /// The first part of a token, for the types that are signed all day.
  private let preparedHeaders: [(type: String, text: [UInt8])]
  private static let preparedTypes = ["at+jwt", "JWT"]

  /// Makes a new key; RSA keys have 2048 bits.
  ///
  /// - Throws: `signingFailed` if the library could not make one.
  public static func generate(_ algorithm: Algorithm) throws(JOSEFault) -> SigningKey {
    switch algorithm {
    case .es256: return try SigningKey(.es256(P256.Signing.PrivateKey()))
    case .edDSA: return try SigningKey(.edDSA(Curve25519.Signing.PrivateKey()))
    case .rs256:
      guard let key = try? _RSA.Signing.PrivateKey(keySize: .bits2048) else { throw .signingFailed }
      return try SigningKey(.rs256(key))
    }
  }

  /// Reads what `rawRepresentation` wrote; for RSA also PKCS #1.
  ///
  /// - Throws: `privateKeyMalformed`, or the faults of RSA keys that are too small or otherwise refused.
  public init(algorithm: Algorithm, rawRepresentation: [UInt8]) throws(JOSEFault) {
    let signer: Signer? =
      switch algorithm {
      case .es256: (try? P256.Signing.PrivateKey(rawRepresentation: rawRepresentation)).map(Signer.es256)
      case .rs256: (try? _RSA.Signing.PrivateKey(derRepresentation: rawRepresentation)).map(Signer.rs256)
      case .edDSA: (try? Curve25519.Signing.PrivateKey(rawRepresentation: rawRepresentation)).map(Signer.edDSA)
      }
    guard let signer else { throw .privateKeyMalformed(algorithm) }
    try self.init(signer)
  }

  private init(_ signer: Signer) throws(JOSEFault) {
    self.signer = signer
    let unnamed = try Self.publicKey(of: signer)
    let kid = unnamed.thumbprint
    self.kid = kid
    publicKey = unnamed.named(kid)
    let algorithm = unnamed.algorithm
    self.algorithm = algorithm
    preparedHeaders = Self.preparedTypes.map { ($0, Self.header(algorithm, type: $0, kid: kid)) }
  }

  private static func publicKey(of signer: Signer) throws(JOSEFault) -> JSONWebKey {
    // Through the reader of public keys, so that no key is signed with that would be refused when verifying.
    func encoded(_ bytes: some Collection<UInt8>) -> JSON { .string(Base64URL.encode(bytes)) }
    switch signer {
    case .es256(let key):
      let point = Array(key.publicKey.rawRepresentation)
      return try JSONWebKey(
        json: ["kty": "EC", "crv": "P-256", "x": encoded(point.prefix(32)), "y": encoded(point.dropFirst(32))])
    case .rs256(let key):
      guard let numbers = try? key.publicKey.getKeyPrimitives() else { throw .privateKeyMalformed(.rs256) }
      return try JSONWebKey(
        json: ["kty": "RSA", "n": encoded(numbers.modulus), "e": encoded(numbers.publicExponent)])
    case .edDSA(let key):
      return try JSONWebKey(
        json: ["kty": "OKP", "crv": "Ed25519", "x": encoded(key.publicKey.rawRepresentation)])
    }
  }

  /// The private key, to be sealed: 32 octets for P-256 and Ed25519, PKCS #8 in DER for RSA.
  public var rawRepresentation: [UInt8] {
    switch signer {
    case .es256(let key): Array(key.rawRepresentation)
    case .rs256(let key): Array(key.pkcs8DERRepresentation)
    case .edDSA(let key): Array(key.rawRepresentation)
    }
  }

  /// The signature over these octets, in the form that RFC 7518 §3 or RFC 8037 §3.1 gives it.
  ///
  /// - Throws: `signingFailed` if the library could not sign.
  public func signature(for signingInput: [UInt8]) throws(JOSEFault) -> [UInt8] {
    do {
      switch signer {
      case .es256(let key): return Array(try key.signature(for: signingInput).rawRepresentation)
      case .rs256(let key):
        return Array(try key.signature(for: signingInput, padding: .insecurePKCS1v1_5).rawRepresentation)
      case .edDSA(let key): return Array(try key.signature(for: signingInput))
      }
    } catch {
      throw .signingFailed
    }
  }

  /// A token in compact serialization (RFC 7515 §7.1) whose header is `alg`, `typ` and `kid`, in this order.
  ///
  /// - Parameters:
  ///   - payload: the octets to sign, the JSON text of claims as a rule.
  ///   - type: `typ`, such as `at+jwt` (RFC 8725 §3.11 asks for one of its own per kind of token).
  /// - Throws: `signingFailed` if the library could not sign.
  public func sign(payload: [UInt8], type: String) throws(JOSEFault) -> String {
    let prepared = preparedHeaders.first { $0.type == type }
    var token = prepared?.text ?? Self.header(algorithm, type: type, kid: kid)
    token.reserveCapacity(token.count + payload.count / 3 * 4 + 128)
    token.append(UInt8(ascii: "."))
    Base64URL.encode(payload, into: &token)
    let signature = try signature(for: token)
    token.append(UInt8(ascii: "."))
    Base64URL.encode(signature, into: &token)
    return String(decoding: token, as: UTF8.self)
  }

  private static func header(_ algorithm: Algorithm, type: String, kid: String) -> [UInt8] {
    let json: JSON = ["alg": .string(algorithm.rawValue), "typ": .string(type), "kid": .string(kid)]
    var text: [UInt8] = []
    Base64URL.encode(json.bytes, into: &text)
    return text
  }
}
