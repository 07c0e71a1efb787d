/// A token, a client secret, a code: bytes that can be handed to their owner and compared, but not printed,
/// encoded or interpolated by accident. It is not `Codable`, so a secret inside a refusal's facts or a
/// stored record does not compile.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let text: String

  public init(_ text: String) { self.text = text }

  /// The text itself. Call it only where the owner is answered, or where a digest is taken.
  public func reveal() -> String { text }

  public var utf8: String.UTF8View { text.utf8 }
  public var isEmpty: Bool { text.isEmpty }

  public var description: String { "(secret)" }
  public var debugDescription: String { "(secret)" }
  public var customMirror: Mirror { Mirror(self, children: []) }

  /// Compares in time that depends on the lengths only, so that an attacker who measures learns no prefix.
  public static func == (a: Secret, b: Secret) -> Bool {
    var difference =
      UInt8(truncatingIfNeeded: a.text.utf8.count ^ b.text.utf8.count)
      | (a.text.utf8.count == b.text.utf8.count ? 0 : 1)
    for (left, right) in zip(a.text.utf8, b.text.utf8) { difference |= left ^ right }
    return difference == 0
  }
}
