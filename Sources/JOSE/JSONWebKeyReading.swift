import Crypto
import CryptoExtras
public import StrictJSON

extension JSONWebKey {
  /// Members of RFC 7518 §6.2.2, §6.3.2, §6.4.1 and RFC 8037 §2 that only a private or symmetric key has.
  private static let secretMembers: Set<String> = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]

  /// Reads a public key (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2) and checks that it is one: P-256 and Ed25519 points lie
  /// on their curve, RSA keys have 2048 bits or more and an exponent that is odd and above 2¹⁶ (FIPS 186-5 §5.1).
  ///
  /// - Throws: `keyMember` for a malformed or secret member; `keyUnsupported` for a key that is for another algorithm,
  ///   curve or purpose; `keyTooSmall`, `keyTooLarge`, `keyWeak` for RSA keys.
  public init(json: JSON) throws(JOSEFault) {
    guard let members = json.members else { throw .keyMember("kty") }
    // First of all: whoever sends us a private key must hear about it, whatever else the key is.
    if let secret = members.first(where: { Self.secretMembers.contains($0.name) }) { throw .keyMember(secret.name) }
    guard let type = json["kty"]?.string else { throw .keyMember("kty") }
    let expected: Algorithm
    switch type {
    case "EC": expected = .es256
    case "RSA": expected = .rs256
    case "OKP": expected = .edDSA
    default: throw .keyUnsupported("kty=\(type)")
    }
    try Self.checkPurpose(json, expected)
    let kid = try Self.text(json, "kid")
    let (material, verifier) =
      switch expected {
      case .es256: try Self.ellipticCurve(json)
      case .rs256: try Self.rsa(json)
      case .edDSA: try Self.edwards(json)
      }
    self.init(kid: kid, material: material, verifier: verifier)
  }

  /// `alg`, `use` and `key_ops` may be absent; where they are, they must agree with verifying (RFC 7517 §4.2 – §4.4).
  private static func checkPurpose(_ json: JSON, _ expected: Algorithm) throws(JOSEFault) {
    if let algorithm = try text(json, "alg"), algorithm != expected.rawValue {
      throw .keyUnsupported("alg=\(algorithm)")
    }
    if let use = try text(json, "use"), use != "sig" { throw .keyUnsupported("use=\(use)") }
    guard let operations = json["key_ops"] else { return }
    guard let values = operations.array else { throw .keyMember("key_ops") }
    let names = values.compactMap(\.string)
    guard names.count == values.count, Set(names).count == names.count else { throw .keyMember("key_ops") }
    guard names.contains("verify") else { throw .keyUnsupported("key_ops=\(names.joined(separator: ","))") }
  }

  private static func ellipticCurve(_ json: JSON) throws(JOSEFault) -> (Material, Verifier) {
    try checkCurve(json, "P-256")
    // RFC 7518 §6.2.1.2: the full 32 octets, leading zeros included.
    let x = try octets(json, "x", count: 32)
    let y = try octets(json, "y", count: 32)
    // The library refuses points that are not on the curve.
    guard let key = try? P256.Signing.PublicKey(rawRepresentation: x + y) else { throw .keyMember("y") }
    return (.ec(x: Base64URL.encode(x), y: Base64URL.encode(y)), .es256(key))
  }

  private static func rsa(_ json: JSON) throws(JOSEFault) -> (Material, Verifier) {
    let modulus = try octets(json, "n")
    let exponent = try octets(json, "e")
    try RSANumbers.check(modulus: modulus, exponent: exponent)
    guard let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent) else { throw .keyMember("n") }
    return (.rsa(modulus: Base64URL.encode(modulus), exponent: Base64URL.encode(exponent)), .rs256(key))
  }

  private static func edwards(_ json: JSON) throws(JOSEFault) -> (Material, Verifier) {
    try checkCurve(json, "Ed25519")
    let x = try octets(json, "x", count: 32)
    guard EdwardsPoint.isUsable(x), let key = try? Curve25519.Signing.PublicKey(rawRepresentation: x) else {
      throw .keyMember("x")
    }
    return (.okp(x: Base64URL.encode(x)), .edDSA(key))
  }

  private static func checkCurve(_ json: JSON, _ expected: String) throws(JOSEFault) {
    guard let curve = json["crv"]?.string else { throw .keyMember("crv") }
    guard curve == expected else { throw .keyUnsupported("crv=\(curve)") }
  }

  private static func text(_ json: JSON, _ name: String) throws(JOSEFault) -> String? {
    guard let member = json[name] else { return nil }
    guard let text = member.string else { throw .keyMember(name) }
    return text
  }

  private static func octets(_ json: JSON, _ name: String, count: Int? = nil) throws(JOSEFault) -> [UInt8] {
    guard let text = json[name]?.string, let octets = Base64URL.decode(text.utf8), count ?? octets.count == octets.count
    else { throw .keyMember(name) }
    return octets
  }
}
