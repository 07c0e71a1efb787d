/// What is stored of a secret: its SHA-256, 32 bytes. Equality takes the same time wherever two digests differ.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
  public let words: SIMD4<UInt64>

  /// From exactly 32 bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    words = bytes.withUnsafeBytes { raw in
      SIMD4(
        UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
        UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
        UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
        UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 24, as: UInt64.self)))
    }
  }

  /// From 64 hexadecimal digits.
  public init?(hexadecimal: String) {
    var text = hexadecimal
    let words = text.withUTF8 { digits -> SIMD4<UInt64>? in
      guard digits.count == 64 else { return nil }
      var words = SIMD4<UInt64>()
      for part in 0..<4 {
        var word: UInt64 = 0
        for byte in digits[(part * 16)..<(part * 16 + 16)] {
          switch byte {
          case 0x30...0x39: word = word << 4 | UInt64(byte - 0x30)
          case 0x61...0x66: word = word << 4 | UInt64(byte - 0x57)
          default: return nil
          }
        }
        words[part] = word
      }
      return words
    }
    guard let words else { return nil }
    self.words = words
  }

  /// All zeroes: what no SHA-256 of anything is known to be.
  public static let zero = Digest(words: SIMD4())

  private init(words: SIMD4<UInt64>) { self.words = words }

  public static func == (a: Digest, b: Digest) -> Bool {
    let difference = a.words ^ b.words
    return (difference[0] | difference[1] | difference[2] | difference[3]) == 0
  }

  /// A part is enough, since `==` compares all bits. Two SHA-256 that are alike in these 64 bits cost 2^32 attempts, and
  /// each further one far more: who could pay for masses of them would make a table slow, and no digest equal another.
  public func hash(into hasher: inout Hasher) { hasher.combine(words[0]) }

  public var hexadecimal: String {
    String(unsafeUninitializedCapacity: 64) { buffer in
      for part in 0..<4 {
        var word = words[part]
        for index in 0..<16 {
          let digit = UInt8(truncatingIfNeeded: word >> 60)
          buffer[part * 16 + index] = digit < 10 ? 0x30 + digit : 0x57 + digit
          word <<= 4
        }
      }
      return 64
    }
  }

  public var description: String { hexadecimal }
}
