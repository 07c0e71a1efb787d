extension UInt8 {
  /// Whether it is a letter, a digit, `-` or `_` (RFC 4648 §5): what tokens, and names of parameters, are made of.
  public var isBase64URL: Bool {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
