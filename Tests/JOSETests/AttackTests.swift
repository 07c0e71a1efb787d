import JOSE
import StrictJSON
import Testing

@Suite("RFC 8725 §2 Attacks")
struct AttackTests {
  let key: SigningKey
  let stranger: SigningKey

  init() throws {
    key = try #require(Samples.keys[.es256])
    stranger = try SigningKey.generate(.es256)
  }

  func refusal(_ token: String, with publicKey: JSONWebKey? = nil) -> JOSEFault? {
    do throws(JOSEFault) {
      try CompactJWS(parsing: token).verify(with: publicKey ?? key.publicKey)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: ["none", "None", "NONE", "nOnE", "", " none", "es256", "ES256 ", "ES256\u{0}"])
  func `alg none and its spellings are refused, signed or not`(_ name: String) throws {
    let header = JSON.object([.init("alg", .string(name))]).text
    let signed = try Samples.token(header: header, key: key)
    let unsigned = signed.prefix { $0 != "." } + ".e30."
    for token in [signed, String(unsigned)] {
      #expect(refusal(token) == .algorithmNotAllowed(name, expected: .es256))
    }
  }

  @Test(arguments: Algorithm.allCases, ["HS256", "HS384", "HS512"])
  func `an HMAC under the public key is refused`(_ algorithm: Algorithm, _ name: String) throws {
    let publicKey = try #require(Samples.keys[algorithm]).publicKey
    let input = Base64URL.encode(#"{"alg":"\#(name)"}"#.utf8) + ".e30"
    for secret in [publicKey.json.bytes, Array(publicKey.thumbprint.utf8), []] {
      let token = input + "." + Base64URL.encode(HMACSHA256.authenticate(input.utf8, key: secret))
      #expect(refusal(token, with: publicKey) == .algorithmNotAllowed(name, expected: algorithm))
    }
  }

  @Test func `a key verifies its own algorithm alone`() throws {
    for signer in Samples.keys.values {
      for verifier in Samples.keys.values where verifier.algorithm != signer.algorithm {
        let token = try signer.sign(payload: [], type: "JWT")
        #expect(
          refusal(token, with: verifier.publicKey)
            == .algorithmNotAllowed(signer.algorithm.rawValue, expected: verifier.algorithm))
        // The header may say what it likes: a signature of another algorithm does not verify.
        let lying = try Samples.token(header: #"{"alg":"\#(verifier.algorithm.rawValue)"}"#, key: signer)
        #expect(refusal(lying, with: verifier.publicKey) == .signatureInvalid)
      }
    }
  }

  @Test func `an embedded jwk does not become the key`() throws {
    let header: JSON = ["alg": "ES256", "kid": .string(key.kid), "jwk": stranger.publicKey.json]
    #expect(refusal(try Samples.token(header: header.text, key: stranger)) == .signatureInvalid)
  }

  @Test(arguments: ["jku", "x5u"]) func `a key's address is not followed`(_ name: String) throws {
    let header = #"{"alg":"ES256","\#(name)":"https://attacker.example/keys"}"#
    #expect(refusal(try Samples.token(header: header, key: stranger)) == .signatureInvalid)
  }

  @Test(arguments: ["../../dev/null", "/etc/passwd", "' OR 1=1 --", "https://attacker.example/k", "\u{0}", ""])
  func `a kid is a name in a list, whatever it looks like`(_ kid: String) throws {
    let header: JSON = ["alg": "ES256", "kid": .string(kid)]
    let token = try CompactJWS(parsing: Samples.token(header: header.text, key: stranger))
    #expect(token.header.keyID == kid)
    #expect(JSONWebKeySet(keys: [key.publicKey])[kid] == nil)
  }

  @Test func `crit is refused, for no extension is understood`() throws {
    let header = #"{"alg":"ES256","exp":1,"crit":["exp"]}"#
    #expect(refusal(try Samples.token(header: header, key: key)) == .critical(["exp"]))
  }

  @Test(arguments: ["false", "true", "null"]) func `b64 is refused, with crit and without`(_ value: String) throws {
    let bare = try Samples.token(header: #"{"alg":"ES256","b64":\#(value)}"#, key: key)
    #expect(refusal(bare) == .headerMember("b64"))
    let critical = try Samples.token(header: #"{"alg":"ES256","b64":\#(value),"crit":["b64"]}"#, key: key)
    #expect(refusal(critical) == .critical(["b64"]))
  }

  @Test func `a repeated member is refused though the signature is right`() throws {
    let token = try Samples.token(header: #"{"alg":"ES256","alg":"ES256"}"#, key: key)
    guard case .headerNotJSON(let fault) = refusal(token) else {
      Issue.record("accepted")
      return
    }
    #expect(fault.kind == .repeatedMember)
  }

  @Test func `header and payload cannot be exchanged under a signature`() throws {
    let token = try key.sign(payload: Array(#"{"sub":"a"}"#.utf8), type: "JWT").split(separator: ".")
    let other = try key.sign(payload: Array(#"{"sub":"b"}"#.utf8), type: "at+jwt").split(separator: ".")
    #expect(refusal("\(token[0]).\(other[1]).\(token[2])") == .signatureInvalid)
    #expect(refusal("\(other[0]).\(token[1]).\(token[2])") == .signatureInvalid)
  }
}
