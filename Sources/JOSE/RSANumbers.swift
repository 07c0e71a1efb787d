/// Whether the two numbers of an RSA public key are ones we would trust (RFC 7518 §6.3.1, §3.3).
enum RSANumbers {
  /// RFC 7518 §3.3
  static let minimumBits = 2048
  /// Beyond this, verifying one signature takes milliseconds, which whoever registers the key could multiply.
  static let maximumBits = 8192

  /// Both numbers are big-endian, without leading zeros (RFC 7518 §2, Base64urlUInt).
  static func check(modulus: [UInt8], exponent: [UInt8]) throws(JOSEFault) {
    guard let top = modulus.first, top != 0 else { throw .keyMember("n") }
    let bits = modulus.count * 8 - top.leadingZeroBitCount
    guard bits >= minimumBits else { throw .keyTooSmall(bits: bits) }
    guard bits <= maximumBits else { throw .keyTooLarge(bits: bits) }
    guard let low = modulus.last, !low.isMultiple(of: 2) else { throw .keyMember("n") }
    // FIPS 186-5 §5.1: odd and above 2^16. An exponent of 1 makes every message its own signature; 3 has served too
    // many forgeries. The upper bound is the library's, rounded down to whole octets.
    guard (3...4).contains(exponent.count), exponent.first != 0, exponent.last?.isMultiple(of: 2) == false else {
      throw .keyMember("e")
    }
    guard !isROCA(modulus) else { throw .keyWeak }
  }

  /// Whether the modulus bears the mark of the Infineon generator (ROCA, CVE-2017-15361): modulo every small prime it
  /// is a power of 65537. Any other modulus does so by chance once in 2^150 or so. Wycheproof brings such a key.
  static func isROCA(_ modulus: [UInt8]) -> Bool {
    smallPrimes.allSatisfy { prime in
      let residue = modulus.reduce(UInt32(0)) { ($0 << 8 | UInt32($1)) % prime }
      var power: UInt32 = 1
      repeat {
        if power == residue { return true }
        power = power * 65537 % prime
      } while power != 1
      return false
    }
  }

  /// The odd primes whose product divides that of every key length the generator made.
  private static let smallPrimes: [UInt32] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
    113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
  ]
}
