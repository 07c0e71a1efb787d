/// Base64 with the alphabet of RFC 4648 §4: the coding of HTTP Basic credentials (RFC 7617 §2), not of tokens.
public enum Base64 {
  private static let coding = SixBitCoding(lastTwo: "+/")
  private static let padding = UInt8(ascii: "=")

  /// The bytes as text, padded to a multiple of four characters.
  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    bytes.withContiguousBytes { bytes in
      let count = SixBitCoding.encodedCount(bytes.count)
      let padded = (count + 3) / 4 * 4
      return String(unsafeUninitializedCapacity: padded) { output in
        coding.encode(bytes, into: output)
        for index in count..<padded { output[index] = padding }
        return padded
      }
    }
  }

  /// The bytes of a text, or `nil` if it is malformed. Padding may be left out, since clients do leave it out;
  /// where it is written it must be complete.
  public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    text.withContiguousBytes { text in
      var count = text.count
      while count > 0, text.count - count < 2, text[count - 1] == padding { count -= 1 }
      guard count == text.count || text.count.isMultiple(of: 4) else { return nil }
      return coding.decode(UnsafeBufferPointer(rebasing: text[..<count]))
    }
  }
}
