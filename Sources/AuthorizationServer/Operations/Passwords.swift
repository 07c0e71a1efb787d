import CArgon2
import OAuth
public import Vocabulary

/// People's passwords: Argon2id (RFC 9106), 19 MiB, two passes.
public enum Passwords {
  public static func hash(_ password: Secret) -> [UInt8]? {
    var random = SystemRandomNumberGenerator()
    let salt = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    var encoded = [CChar](repeating: 0, count: 160)
    let bytes = Array(password.utf8)
    let result = argon2id_hash_encoded(2, 19_456, 1, bytes, bytes.count, salt, salt.count, 32, &encoded, encoded.count)
    guard result == ARGON2_OK.rawValue else { return nil }
    return encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  }

  public static func verify(_ password: Secret, against hash: [UInt8]) -> Bool {
    let encoded = hash.map { CChar(bitPattern: $0) } + [0]
    let bytes = Array(password.utf8)
    return argon2id_verify(encoded, bytes, bytes.count) == ARGON2_OK.rawValue
  }
}
