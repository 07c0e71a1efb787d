/// Base64url without padding, the coding of every part of a token and of every number in a key (RFC 7515 §2).
public enum Base64URL {
  private static let coding = SixBitCoding(lastTwo: "-_")

  /// The bytes as text, without padding.
  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    bytes.withContiguousBytes { bytes in
      let count = SixBitCoding.encodedCount(bytes.count)
      return String(unsafeUninitializedCapacity: count) { output in
        coding.encode(bytes, into: output)
        return count
      }
    }
  }

  /// Appends the text of the bytes, without padding, to `output`.
  public static func encode(_ bytes: some Collection<UInt8>, into output: inout [UInt8]) {
    bytes.withContiguousBytes { bytes in
      let count = SixBitCoding.encodedCount(bytes.count)
      let start = output.count
      output.append(contentsOf: repeatElement(0, count: count))
      output.withUnsafeMutableBufferPointer { output in
        coding.encode(bytes, into: UnsafeMutableBufferPointer(rebasing: output[start...]))
      }
    }
  }

  /// The bytes of a text, or `nil` if it is not what an encoder would have written: padding, whitespace, foreign
  /// characters, an impossible length, or left-over bits that are not zero.
  public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    text.withContiguousBytes { coding.decode($0) }
  }
}
