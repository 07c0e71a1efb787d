/// The shared machinery of base64 and base64url: three bytes are four characters of six bits each (RFC 4648 §4, §5).
///
/// Hand-written because Foundation's costs a hundred times as much per token, and forgives what RFC 7515 forbids.
struct SixBitCoding: Sendable {
  private let characters: [UInt8]
  /// The six bits of every possible byte; `foreign` where the byte is not in the alphabet.
  private let values: [UInt8]
  private static let foreign: UInt8 = 0xFF

  /// - Parameter lastTwo: the characters for 62 and 63, in which the two alphabets differ.
  init(lastTwo: StaticString) {
    var characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    lastTwo.withUTF8Buffer { characters.append(contentsOf: $0) }
    var values = [UInt8](repeating: Self.foreign, count: 256)
    for (value, character) in characters.enumerated() { values[Int(character)] = UInt8(truncatingIfNeeded: value) }
    self.characters = characters
    self.values = values
  }

  /// How many characters `count` bytes take, without padding.
  static func encodedCount(_ count: Int) -> Int { count / 3 * 4 + (count % 3 == 0 ? 0 : count % 3 + 1) }

  /// Writes exactly `encodedCount(bytes.count)` characters, without padding.
  func encode(_ bytes: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>) {
    characters.withUnsafeBufferPointer { characters in
      var read = 0
      var write = 0
      while bytes.count - read >= 3 {
        let group = UInt32(bytes[read]) << 16 | UInt32(bytes[read + 1]) << 8 | UInt32(bytes[read + 2])
        output[write] = characters[Int(group >> 18)]
        output[write + 1] = characters[Int(group >> 12 & 63)]
        output[write + 2] = characters[Int(group >> 6 & 63)]
        output[write + 3] = characters[Int(group & 63)]
        read += 3
        write += 4
      }
      switch bytes.count - read {
      case 1:
        output[write] = characters[Int(bytes[read] >> 2)]
        output[write + 1] = characters[Int(bytes[read] << 4 & 63)]
      case 2:
        let group = UInt32(bytes[read]) << 8 | UInt32(bytes[read + 1])
        output[write] = characters[Int(group >> 10)]
        output[write + 1] = characters[Int(group >> 4 & 63)]
        output[write + 2] = characters[Int(group << 2 & 63)]
      default: break
      }
    }
  }

  /// `nil` for a foreign character, a length that no bytes have, or bits left over that are not zero: two texts
  /// for the same bytes would let a token be changed without breaking its signature's octets.
  func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    let rest = text.count % 4
    guard rest != 1 else { return nil }
    let count = text.count / 4 * 3 + (rest == 0 ? 0 : rest - 1)
    var isValid = true
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { output, written in
      isValid = values.withUnsafeBufferPointer { Self.decode(text, values: $0, into: output) }
      written = isValid ? count : 0
    }
    return isValid ? bytes : nil
  }

  private static func decode(
    _ text: UnsafeBufferPointer<UInt8>, values: UnsafeBufferPointer<UInt8>,
    into output: UnsafeMutableBufferPointer<UInt8>
  ) -> Bool {
    // Foreign characters set the two high bits; looking at them once at the end keeps the loop free of branches.
    var seen: UInt8 = 0
    var read = 0
    var write = 0
    while text.count - read >= 4 {
      let (a, b) = (values[Int(text[read])], values[Int(text[read + 1])])
      let (c, d) = (values[Int(text[read + 2])], values[Int(text[read + 3])])
      seen |= a | b | c | d
      output[write] = a << 2 | b >> 4
      output[write + 1] = b << 4 | c >> 2
      output[write + 2] = c << 6 | d
      read += 4
      write += 3
    }
    var leftOver: UInt8 = 0
    if text.count - read >= 2 {
      let (a, b) = (values[Int(text[read])], values[Int(text[read + 1])])
      seen |= a | b
      output[write] = a << 2 | b >> 4
      leftOver = b << 4
      if text.count - read == 3 {
        let c = values[Int(text[read + 2])]
        seen |= c
        output[write + 1] = b << 4 | c >> 2
        leftOver = c << 6
      }
    }
    return seen < 64 && leftOver == 0
  }
}

extension Collection<UInt8> {
  /// The bytes in one piece, copied only if they are not stored so.
  func withContiguousBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if let result = withContiguousStorageIfAvailable(body) { return result }
    return Array(self).withUnsafeBufferPointer(body)
  }
}
