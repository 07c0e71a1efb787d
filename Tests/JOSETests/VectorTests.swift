import JOSE
import StrictJSON
import Testing

@Suite("Wycheproof JSON Web Crypto", .enabled(if: VectorFiles.arePresent))
struct WycheproofTests {
  /// Vectors that the file calls valid and that we refuse all the same, or the other way round, with the reason.
  ///
  /// 346, 347, 350 and 351, on which other libraries also differ from the file, need no place here: their algorithms
  /// (PS384, ES512) are not ours, so they are refused as unsupported whatever their keys declare.
  static let deviations: [String: [Int64: String]] = [
    "json_web_signature_test.json": [
      372: "characters outside the alphabet in the text; RFC 7515 §2 allows none",
      373: "characters outside the alphabet in the text; RFC 7515 §2 allows none",
    ]
  ]

  @Test(arguments: ["json_web_signature_test.json", "json_web_key_test.json", "json_web_crypto_test.json"])
  func `every vector is judged as its file says`(_ file: String) throws {
    var tally = Tally()
    var deviations = Self.deviations[file] ?? [:]
    let vectors = try VectorFiles.read("wycheproof/\(file)")
    for group in try #require(vectors["testGroups"]?.array) {
      // Symmetric groups have no public key; what they have is given to the reader, which refuses it.
      let keys = try #require(group["public"] ?? group["private"])
      for vector in try #require(group["tests"]?.array) {
        let id = try #require(vector["tcId"]?.integer)
        let isValid = vector["result"] == "valid"
        let verdict = Verdict(token: Self.token(vector), keys: keys)
        switch verdict {
        case .accepted: tally.accepted += 1
        case .refused: tally.refused += 1
        case .unsupported: tally.unsupported += 1
        }
        let isAsExpected = isValid ? verdict == .accepted || verdict == .unsupported : verdict != .accepted
        if deviations.removeValue(forKey: id) != nil {
          #expect(!isAsExpected, "\(file) \(id): the deviation is no longer needed")
        } else {
          #expect(isAsExpected, "\(file) \(id) \(vector["comment"]?.string ?? ""): \(verdict)")
        }
      }
    }
    #expect(deviations.isEmpty, "\(file): no vectors for the deviations \(deviations.keys.sorted())")
    let count = try #require(vectors["numberOfTests"]?.integer)
    #expect(tally.accepted + tally.refused + tally.unsupported == Int(count))
    print("\(file): \(tally)")
  }

  /// The token as it would arrive; JSON serializations arrive as their text.
  private static func token(_ vector: JSON) -> String {
    let token = vector["jws"] ?? vector["jwe"] ?? .null
    return token.string ?? token.text
  }

  @Test func `no vector of our algorithms is refused for its algorithm`() throws {
    // Otherwise a valid vector could hide among the unsupported.
    let vectors = try VectorFiles.read("wycheproof/json_web_signature_test.json")
    for group in try #require(vectors["testGroups"]?.array) where group["public"] != nil {
      guard let name = group["public"]?["alg"]?.string, Algorithm(rawValue: name) != nil else { continue }
      for vector in group["tests"]?.array ?? [] where vector["result"] == "valid" {
        #expect(Verdict(token: Self.token(vector), keys: try #require(group["public"])) == .accepted)
      }
    }
  }
}

@Suite("RFC 7520 §3, §4 and RFC 8037 §A Cookbook", .enabled(if: VectorFiles.arePresent))
struct CookbookTests {
  @Test func `each key is accepted or refused for what it is`() throws {
    let expected: [(String, JOSEFault?)] = [
      ("3_1.ec_public_key", .keyUnsupported("crv=P-521")), ("3_2.ec_private_key", .keyMember("d")),
      ("3_3.rsa_public_key", nil), ("3_4.rsa_private_key", .keyMember("d")),
      ("3_5.symmetric_key_mac_computation", .keyMember("k")), ("3_6.symmetric_key_encryption", .keyMember("k")),
    ]
    for (name, fault) in expected {
      let json = try VectorFiles.read("jose-cookbook/\(name).json")
      do throws(JOSEFault) {
        _ = try JSONWebKey(json: json)
        #expect(fault == nil, "\(name)")
      } catch {
        #expect(error == fault, "\(name)")
      }
    }
  }

  /// One letter per signature of the file: accepted, refused, unsupported.
  @Test(
    arguments: [
      ("4_1.rsa_v15_signature", "a"), ("4_2.rsa-pss_signature", "u"), ("4_3.ecdsa_signature", "u"),
      ("4_4.hmac-sha2_integrity_protection", "u"), ("4_5.signature_with_detached_content", "u"),
      ("4_6.protecting_specific_header_fields", "u"),
      // No protected header at all, which the compact serialization cannot say.
      ("4_7.protecting_content_only", "r"),
      // Three signatures: RS256; ES512, which has no protected header; HS256.
      ("4_8.multiple_signatures", "aru"), ("jws", "a"),
    ])
  func `each signature is judged by its algorithm`(_ name: String, _ expected: String) throws {
    let vector = try VectorFiles.read("jose-cookbook/\(name).json")
    let given = try #require(vector["input"]?["key"])
    let keys = given.array ?? [given]
    let payload = Base64URL.encode(try #require(vector["input"]?["payload"]?.string).utf8)
    let flat = vector["output"]?["json_flat"].map { [$0] }
    let signatures = try #require(vector["output"]?["json"]?["signatures"]?.array ?? flat)
    var verdicts = ""
    for (key, signature) in zip(keys, signatures) {
      let token = "\(signature["protected"]?.string ?? "").\(payload).\(signature["signature"]?.string ?? "")"
      switch Verdict(token: token, keys: Self.publicPart(key)) {
      case .accepted:
        verdicts += "a"
        // The examples bring the private key; in a place for public keys it must be refused.
        #expect(Verdict(token: token, keys: key) == .refused(.keyMember("d")))
      case .refused: verdicts += "r"
      case .unsupported: verdicts += "u"
      }
    }
    print("\(name): \(verdicts) (a accepted, r refused, u unsupported)")
    #expect(verdicts == expected)
  }

  private static func publicPart(_ key: JSON) -> JSON {
    ["d", "p", "q", "dp", "dq", "qi"].reduce(key) { $0.with($1, nil) }
  }
}
