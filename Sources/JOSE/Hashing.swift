import Crypto

/// SHA-256 (FIPS 180-4).
public enum SHA256Hash {
  /// The 32 octets of the digest.
  public static func digest(of bytes: some Collection<UInt8>) -> [UInt8] {
    bytes.withContiguousBytes { bytes in
      var hash = SHA256()
      hash.update(bufferPointer: UnsafeRawBufferPointer(bytes))
      return hash.finalize().withUnsafeBytes { Array($0) }
    }
  }
}

/// SHA-512 (FIPS 180-4), to tell what somebody else computed by mistake.
public enum SHA512Hash {
  /// The 64 octets of the digest.
  public static func digest(of bytes: some Collection<UInt8>) -> [UInt8] {
    bytes.withContiguousBytes { bytes in
      var hash = SHA512()
      hash.update(bufferPointer: UnsafeRawBufferPointer(bytes))
      return hash.finalize().withUnsafeBytes { Array($0) }
    }
  }
}

/// HMAC with SHA-256 (RFC 2104), for values that only this server reads. It is not an algorithm of tokens here.
public enum HMACSHA256 {
  /// The 32 octets of the authentication code. Compare them with `constantTimeEqual`.
  public static func authenticate(_ message: some Collection<UInt8>, key: some Collection<UInt8>) -> [UInt8] {
    let key = key.withContiguousBytes { SymmetricKey(data: $0) }
    return message.withContiguousBytes { message in
      var hmac = HMAC<SHA256>(key: key)
      hmac.update(data: message)
      return hmac.finalize().withUnsafeBytes { Array($0) }
    }
  }
}

/// Whether two secrets are equal, in a time that depends on their lengths alone.
public func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
  guard a.count == b.count else { return false }
  var difference: UInt8 = 0
  for (left, right) in zip(a, b) { difference |= left ^ right }
  return difference == 0
}
