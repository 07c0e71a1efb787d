import Crypto

/// Secrets at rest, private keys above all: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce.
///
/// The sealed form is nonce (12 octets) ‖ ciphertext ‖ tag (16 octets). Random nonces are sound for some 2³² seals
/// under one key.
public enum Sealing {
  /// Encrypts and authenticates `plain`.
  ///
  /// - Parameters:
  ///   - key: 32 octets.
  ///   - context: what the secret is for (a row's identifier, say); the same octets are needed to open it, so that
  ///     one sealed value cannot be put in the place of another.
  /// - Throws: `sealingKeyLength` if the key has another length.
  public static func seal(_ plain: [UInt8], key: [UInt8], context: [UInt8]) throws(JOSEFault) -> [UInt8] {
    guard key.count == 32 else { throw .sealingKeyLength(key.count) }
    let box = try? AES.GCM.seal(plain, using: SymmetricKey(data: key), authenticating: context)
    guard let combined = box?.combined else { throw .sealBroken }
    return Array(combined)
  }

  /// What was sealed with this key for this context.
  ///
  /// - Throws: `sealingKeyLength`, or `sealBroken` if key, context or any sealed octet is not the same as then.
  public static func open(_ sealed: [UInt8], key: [UInt8], context: [UInt8]) throws(JOSEFault) -> [UInt8] {
    guard key.count == 32 else { throw .sealingKeyLength(key.count) }
    guard
      let box = try? AES.GCM.SealedBox(combined: sealed),
      let plain = try? AES.GCM.open(box, using: SymmetricKey(data: key), authenticating: context)
    else { throw .sealBroken }
    return Array(plain)
  }
}
