/// What an application is called, as people read it: any letters of any language, no control characters, at most 80
/// characters (RFC 7591 §2, `client_name`).
public struct ClientName: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
  private let text: String

  public init(_ source: String) {
    let shown = source.unicodeScalars.filter {
      $0.properties.generalCategory != .control && $0.properties.generalCategory != .format
    }
    text = String(String(String.UnicodeScalarView(shown)).prefix(80))
  }

  public init(stringLiteral value: String) { self.init(value) }

  public var description: String { text }
}
