import JOSE
import StrictJSON

/// Keys and tokens that several suites use.
enum Samples {
  /// RFC 7638 §3.1
  static let rsaModulus =
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknj"
    + "hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQ"
    + "vRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK"
    + "nqDKgw"
  static let rsa: JSON = ["kty": "RSA", "n": .string(rsaModulus), "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"]
  /// RFC 7515 appendix A.3.1
  static let ec: JSON = [
    "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
  ]
  /// RFC 8037 appendix A.2
  static let okp: JSON = ["kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"]

  /// One key of each algorithm; RSA keys take long to make, so all suites share them.
  static let keys: [Algorithm: SigningKey] = {
    var keys: [Algorithm: SigningKey] = [:]
    for algorithm in Algorithm.allCases { keys[algorithm] = try? SigningKey.generate(algorithm) }
    return keys
  }()

  /// A token with this header over `{}`, signed with this key whatever the header says.
  static func token(header: String, payload: String = "{}", key: SigningKey) throws -> String {
    let input = Base64URL.encode(header.utf8) + "." + Base64URL.encode(payload.utf8)
    return input + "." + Base64URL.encode(try key.signature(for: Array(input.utf8)))
  }
}

extension JSON {
  /// The object with one member set or, for `nil`, taken away.
  func with(_ name: String, _ value: JSON?) -> JSON {
    var members = (members ?? []).filter { $0.name != name }
    if let value { members.append(Member(name, value)) }
    return .object(members)
  }
}
