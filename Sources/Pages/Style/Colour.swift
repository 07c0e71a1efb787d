/// A colour of the screen, and how well it can be read on another one.
public struct Colour: Sendable, Hashable, CustomStringConvertible {
  let red: UInt8
  let green: UInt8
  let blue: UInt8

  init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// `#1f5fbf`, or `#15b` for `#1155bb`.
  public init?(_ text: String) {
    let digits = text.dropFirst().compactMap(\.hexDigitValue)
    guard text.first == "#", text.utf8.count == digits.count + 1 else { return nil }
    let pairs = digits.count == 3 ? digits.flatMap { [$0, $0] } : digits
    guard pairs.count == 6 else { return nil }
    self.init(
      UInt8(pairs[0] * 16 + pairs[1]), UInt8(pairs[2] * 16 + pairs[3]), UInt8(pairs[4] * 16 + pairs[5]))
  }

  public var description: String {
    "#"
      + [red, green, blue].map { part in
        (part < 16 ? "0" : "") + String(part, radix: 16)
      }.joined()
  }

  /// The contrast ratio, from 1 to 21 (WCAG 2.2, "contrast ratio").
  public func contrast(to other: Colour) -> Double {
    let (a, b) = (luminance, other.luminance)
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  /// Relative luminance (WCAG 2.2, "relative luminance").
  private var luminance: Double {
    0.2126 * Self.linear(red) + 0.7152 * Self.linear(green) + 0.0722 * Self.linear(blue)
  }

  /// A channel without its gamma: `((c + 0.055) / 1.055) ^ 2.4`.
  private static func linear(_ channel: UInt8) -> Double {
    let value = Double(channel) / 255
    guard value > 0.04045 else { return value / 12.92 }
    let base = (value + 0.055) / 1.055
    // x^2.4 is x² times the fifth root of x²; the root by Newton's method, which needs no library.
    let square = base * base
    var root = 1.0
    for _ in 0..<24 { root -= (root * root * root * root * root - square) / (5 * root * root * root * root) }
    return square * root
  }

  /// The colour nearest to this one, on the way to `end`, that reaches a contrast on each of the backgrounds.
  func moved(towards end: Colour, until ratio: Double, on backgrounds: [Colour]) -> Colour {
    for step in 0...100 {
      let candidate = mixed(with: end, step)
      if backgrounds.allSatisfy({ candidate.contrast(to: $0) >= ratio }) { return candidate }
    }
    return end
  }

  private func mixed(with other: Colour, _ percent: Int) -> Colour {
    func mix(_ a: UInt8, _ b: UInt8) -> UInt8 { UInt8((Int(a) * (100 - percent) + Int(b) * percent) / 100) }
    return Colour(mix(red, other.red), mix(green, other.green), mix(blue, other.blue))
  }
}
