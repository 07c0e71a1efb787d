import JOSE
import StrictJSON
import Testing

@Suite("RFC 7518 §3 Signing and verifying")
struct SigningTests {
  @Test(arguments: Algorithm.allCases) func `what is signed verifies`(_ algorithm: Algorithm) throws {
    let key = try #require(Samples.keys[algorithm])
    for type in ["at+jwt", "JWT", "logout+jwt", "a \"quoted\" type"] {
      let token = try key.sign(payload: Array(#"{"sub":"1"}"#.utf8), type: type)
      let jws = try CompactJWS(parsing: token)
      #expect(jws.header.algorithm == algorithm)
      #expect(jws.header.type == type)
      #expect(jws.header.keyID == key.kid)
      #expect(jws.payload == Array(#"{"sub":"1"}"#.utf8))
      try jws.verify(with: key.publicKey)
    }
  }

  @Test func `the header is alg, typ and kid in this order`() throws {
    let key = try #require(Samples.keys[.es256])
    for type in ["at+jwt", "other"] {
      let part = try key.sign(payload: [], type: type).prefix { $0 != "." }
      let header = try #require(Base64URL.decode(part.utf8))
      #expect(String(decoding: header, as: UTF8.self) == #"{"alg":"ES256","typ":"\#(type)","kid":"\#(key.kid)"}"#)
    }
  }

  @Test(arguments: Algorithm.allCases) func `a key comes back from its octets`(_ algorithm: Algorithm) throws {
    let key = try #require(Samples.keys[algorithm])
    let same = try SigningKey(algorithm: algorithm, rawRepresentation: key.rawRepresentation)
    #expect(same.kid == key.kid && same.publicKey == key.publicKey)
    #expect(key.kid == key.publicKey.thumbprint && key.kid == key.publicKey.kid)
    try CompactJWS(parsing: same.sign(payload: [], type: "JWT")).verify(with: key.publicKey)
  }

  @Test(arguments: Algorithm.allCases) func `octets that are no key are refused`(_ algorithm: Algorithm) throws {
    for octets in [[], [UInt8](repeating: 0xFF, count: 31), [UInt8](repeating: 0xFF, count: 33)] {
      #expect(throws: JOSEFault.privateKeyMalformed(algorithm)) {
        try SigningKey(algorithm: algorithm, rawRepresentation: octets)
      }
    }
    #expect(throws: JOSEFault.privateKeyMalformed(.es256)) {
      try SigningKey(algorithm: .es256, rawRepresentation: [UInt8](repeating: 0, count: 32))
    }
  }

  @Test(arguments: Algorithm.allCases) func `every changed bit of the signature is noticed`(_ algorithm: Algorithm)
    throws
  {
    let key = try #require(Samples.keys[algorithm])
    let input = Array("a.b".utf8)
    let signature = try key.signature(for: input)
    #expect(key.publicKey.isValid(signature: signature, for: input))
    for index in signature.indices {
      var changed = signature
      changed[index] ^= 1 << UInt8(index % 8)
      #expect(!key.publicKey.isValid(signature: changed, for: input))
    }
    #expect(!key.publicKey.isValid(signature: signature, for: Array("a.c".utf8)))
  }

  @Test(arguments: Algorithm.allCases) func `a cut or lengthened signature is refused`(_ algorithm: Algorithm) throws {
    let key = try #require(Samples.keys[algorithm])
    let signature = try key.signature(for: [1])
    for length in 0..<signature.count {
      #expect(!key.publicKey.isValid(signature: Array(signature.prefix(length)), for: [1]))
    }
    #expect(!key.publicKey.isValid(signature: signature + [0], for: [1]))
    #expect(!key.publicKey.isValid(signature: [0] + signature, for: [1]))
    #expect(!key.publicKey.isValid(signature: signature.map { _ in 0 }, for: [1]))
  }

  @Test func `the DER form of an ES256 signature is refused`() throws {
    let key = try #require(Samples.keys[.es256])
    let raw = try key.signature(for: [1])
    func integer(_ half: ArraySlice<UInt8>) -> [UInt8] {
      var digits = Array(half.drop { $0 == 0 })
      if digits.first ?? 0 >= 0x80 { digits.insert(0, at: 0) }
      return [0x02, UInt8(digits.count)] + digits
    }
    let body = integer(raw[..<32]) + integer(raw[32...])
    #expect(!key.publicKey.isValid(signature: [0x30, UInt8(body.count)] + body, for: [1]))
  }
}
