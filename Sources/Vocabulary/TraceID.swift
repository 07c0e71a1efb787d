/// The id of one request: quoted to the caller, looked up by the operator. 122 random bits in the form of a
/// version 4 UUID, because one API promised its callers 36 characters and the others leave the form free.
/// Knowing a trace id grants nothing.
public struct TraceID: Hashable, Sendable, CustomStringConvertible {
  public let high: UInt64
  public let low: UInt64

  /// From 128 random bits; the version and variant of RFC 9562 §5.4 are set here.
  public init(random high: UInt64, _ low: UInt64) {
    self.high = (high & ~0xF000) | 0x4000
    self.low = (low & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
  }

  /// Reads either written form, 32 hexadecimal digits or 36 characters with hyphens, in any case.
  public init?(_ text: some StringProtocol) {
    var digits: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39: digits.append(byte - 0x30)
      case 0x41...0x46: digits.append(byte - 0x37)
      case 0x61...0x66: digits.append(byte - 0x57)
      case UInt8(ascii: "-") where [8, 12, 16, 20].contains(digits.count): continue
      default: return nil
      }
    }
    guard digits.count == 32, text.utf8.count == 32 || text.utf8.count == 36 else { return nil }
    high = digits[..<16].reduce(0) { $0 << 4 | UInt64($1) }
    low = digits[16...].reduce(0) { $0 << 4 | UInt64($1) }
  }

  /// 32 lower-case hexadecimal digits.
  public var description: String { hexadecimal(hyphens: false) }

  /// The 36 characters of a UUID (RFC 9562 §4).
  public var uuid: String { hexadecimal(hyphens: true) }

  /// Its 16 bytes, at the end of others.
  public func append(to bytes: inout [UInt8]) {
    for word in [high, low] {
      for shift in stride(from: UInt64(56), through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: word >> shift))
      }
    }
  }

  private func hexadecimal(hyphens: Bool) -> String {
    String(unsafeUninitializedCapacity: 36) { buffer in
      var count = 0
      for index in 0..<32 {
        if hyphens, index == 8 || index == 12 || index == 16 || index == 20 {
          buffer[count] = UInt8(ascii: "-")
          count += 1
        }
        let word = index < 16 ? high : low
        let digit = UInt8(truncatingIfNeeded: word &>> UInt64((15 - index & 15) &* 4)) & 0xF
        buffer[count] = digit < 10 ? 0x30 + digit : 0x57 + digit
        count += 1
      }
      return count
    }
  }
}
