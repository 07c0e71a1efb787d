import StrictJSON
import Testing

@testable import JOSE

@Suite("RFC 7517 §4 Public keys")
struct JSONWebKeyTests {
  func fault(_ json: JSON) -> JOSEFault? {
    do throws(JOSEFault) {
      _ = try JSONWebKey(json: json)
      return nil
    } catch {
      return error
    }
  }

  static let all: [JSON] = [Samples.rsa, Samples.ec, Samples.okp]

  @Test(arguments: all) func `a key is read, written and read again`(_ json: JSON) throws {
    let key = try JSONWebKey(json: json.with("kid", "k").with("use", "sig").with("key_ops", ["verify", "sign"]))
    #expect(key.kid == "k")
    #expect(key.json["use"] == "sig" && key.json["alg"]?.string == key.algorithm.rawValue)
    #expect(try JSONWebKey(json: key.json) == key)
    #expect(key.named("other") != key && key.named("k") == key)
  }

  @Test(arguments: all) func `a key for another purpose is unsupported`(_ json: JSON) {
    #expect(fault(json.with("use", "enc")) == .keyUnsupported("use=enc"))
    #expect(fault(json.with("key_ops", ["encrypt"])) == .keyUnsupported("key_ops=encrypt"))
    for name in ["none", "HS256", "RS384", "ES384", "RSA-OAEP", "A128KW", "es256"] {
      #expect(fault(json.with("alg", .string(name))) == .keyUnsupported("alg=\(name)"))
    }
  }

  @Test(arguments: all, ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
  func `a secret member is refused, even in a key for something else`(_ json: JSON, _ name: String) {
    #expect(fault(json.with(name, "AQAB")) == .keyMember(name))
    #expect(fault(json.with("use", "enc").with(name, "AQAB")) == .keyMember(name))
  }

  @Test(arguments: all) func `members of the wrong type are named`(_ json: JSON) {
    for name in ["kty", "use", "alg", "kid"] { #expect(fault(json.with(name, 1)) == .keyMember(name)) }
    #expect(fault(json.with("kty", nil)) == .keyMember("kty"))
    #expect(fault(json.with("key_ops", "verify")) == .keyMember("key_ops"))
    #expect(fault(json.with("key_ops", [1])) == .keyMember("key_ops"))
    #expect(fault(json.with("key_ops", ["verify", "verify"])) == .keyMember("key_ops"))
    #expect(fault([]) == .keyMember("kty"))
  }

  @Test func `other types and curves are unsupported`() {
    #expect(fault(["kty": "oct"]) == .keyUnsupported("kty=oct"))
    #expect(fault(Samples.ec.with("kty", "ec")) == .keyUnsupported("kty=ec"))
    #expect(fault(Samples.ec.with("crv", "P-384")) == .keyUnsupported("crv=P-384"))
    #expect(fault(Samples.okp.with("crv", "X25519")) == .keyUnsupported("crv=X25519"))
    #expect(fault(Samples.okp.with("crv", nil)) == .keyMember("crv"))
  }

  @Test func `a P-256 point must have full coordinates and lie on the curve`() throws {
    #expect(fault(Samples.ec.with("y", Samples.ec["x"])) == .keyMember("y"))
    #expect(fault(Samples.ec.with("y", nil)) == .keyMember("y"))
    let text = try #require(Samples.ec["x"]?.string)
    let x = try #require(Base64URL.decode(text.utf8))
    for wrong in [[0] + x, Array(x.dropLast()), []] {
      #expect(fault(Samples.ec.with("x", .string(Base64URL.encode(wrong)))) == .keyMember("x"))
    }
    let zero = JSON.string(Base64URL.encode([UInt8](repeating: 0, count: 32)))
    #expect(fault(Samples.ec.with("x", zero).with("y", zero)) == .keyMember("y"))
  }

  @Test func `an RSA modulus must be long enough, odd and without leading zeros`() throws {
    func modulus(_ octets: [UInt8]) -> JSON { Samples.rsa.with("n", .string(Base64URL.encode(octets))) }
    let n = try #require(Base64URL.decode(Samples.rsaModulus.utf8))
    #expect(fault(modulus(Array(n.suffix(128)))) == .keyTooSmall(bits: 128 * 8 - n[128].leadingZeroBitCount))
    #expect(fault(modulus([0x7F] + n.dropFirst())) == .keyTooSmall(bits: 2047))
    #expect(fault(modulus([0] + n)) == .keyMember("n"))
    #expect(fault(modulus(n.dropLast() + [0x10])) == .keyMember("n"))
    #expect(fault(modulus([])) == .keyMember("n"))
    #expect(fault(modulus([1] + [UInt8](repeating: 1, count: 1024))) == .keyTooLarge(bits: 8193))
  }

  @Test func `an RSA modulus with the mark of the Infineon generator is refused as weak`() {
    // Modulo every prime, a power of 65537 is a power of 65537; this one has 2049 bits.
    var power: [UInt8] = [1]
    for _ in 0..<128 {
      // 65537 is 2^16 + 1: the number, two octets further left, plus itself.
      var carry = 0
      var product: [UInt8] = []
      for (left, right) in zip((power + [0, 0]).reversed(), ([0, 0] + power).reversed()) {
        carry += Int(left) + Int(right)
        product.append(UInt8(carry & 0xFF))
        carry >>= 8
      }
      power = (carry > 0 ? [UInt8(carry)] : []) + product.reversed()
    }
    #expect(power.count == 257)
    #expect(fault(Samples.rsa.with("n", .string(Base64URL.encode(power)))) == .keyWeak)
  }

  @Test(arguments: ["AQ", "Aw", "AQAA", "AAEAAQ", "AQAAAAE", "", "AQAB="])
  func `an RSA exponent must be odd and between 2¹⁶ and 2³²`(_ text: String) {
    #expect(fault(Samples.rsa.with("e", .string(text))) == .keyMember("e"))
  }

  @Test func `Ed25519 keys that exist are accepted, and points off the curve are not`() throws {
    for _ in 0..<100 { _ = try SigningKey.generate(.edDSA) }
    var refused = 0
    for seed in UInt8(0)..<200 {
      var octets = SHA256Hash.digest(of: [seed])
      octets[31] &= 0x7F
      if !EdwardsPoint.isUsable(octets) { refused += 1 }
    }
    #expect((60...140).contains(refused), "about half of all y have no x")
  }

  @Test(
    arguments: [
      // 0, 1 and -1, the points of order 8, and codings that are not reduced; all with either sign.
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ])
  func `an Ed25519 point of small order, under which anybody can sign, is refused`(_ hex: String) {
    var octets: [UInt8] = []
    var digits = Substring(hex)
    while let octet = UInt8(digits.prefix(2), radix: 16) {
      octets.append(octet)
      digits = digits.dropFirst(2)
    }
    #expect(octets.count == 32)
    for sign: UInt8 in [0, 0x80] {
      var point = octets
      point[31] |= sign
      #expect(fault(Samples.okp.with("x", .string(Base64URL.encode(point)))) == .keyMember("x"))
    }
  }
}

@Suite("RFC 7517 §5 Key sets")
struct JSONWebKeySetTests {
  @Test func `a set is read, written and looked up by kid`() throws {
    let json: JSON = ["keys": .array([Samples.rsa, Samples.ec.with("kid", "e"), Samples.okp]), "other": 1]
    let set = try JSONWebKeySet(json: json)
    #expect(set.keys.count == 3 && set.passedOver.isEmpty)
    #expect(set["2011-04-29"]?.algorithm == .rs256 && set["e"]?.algorithm == .es256 && set["absent"] == nil)
    #expect(try JSONWebKeySet(json: set.json).keys == set.keys)
  }

  @Test func `keys for something else are passed over`() throws {
    let others: [JSON] = [
      Samples.ec.with("use", "enc"), Samples.ec.with("crv", "P-521"), Samples.rsa.with("alg", "PS256"), ["kty": "new"],
    ]
    let set = try JSONWebKeySet(json: ["keys": .array(others + [Samples.okp])])
    #expect(set.keys.count == 1)
    #expect(
      set.passedOver == [
        .keyUnsupported("use=enc"), .keyUnsupported("crv=P-521"), .keyUnsupported("alg=PS256"),
        .keyUnsupported("kty=new"),
      ])
  }

  @Test func `a malformed or private key refuses the set`() {
    #expect(throws: JOSEFault.keyMember("d")) { try JSONWebKeySet(json: ["keys": [Samples.okp.with("d", "AA")]]) }
    #expect(throws: JOSEFault.keyMember("x")) { try JSONWebKeySet(json: ["keys": [Samples.okp.with("x", nil)]]) }
    #expect(throws: JOSEFault.keyMember("keys")) { try JSONWebKeySet(json: ["keys": Samples.okp]) }
    #expect(throws: JOSEFault.keyMember("keys")) { try JSONWebKeySet(json: []) }
  }

  @Test func `one kid for two keys refuses the set`() {
    let keys: [JSON] = [Samples.okp.with("kid", "k"), Samples.ec.with("kid", "k")]
    #expect(throws: JOSEFault.keyIDRepeated("k")) { try JSONWebKeySet(json: ["keys": .array(keys)]) }
  }
}
