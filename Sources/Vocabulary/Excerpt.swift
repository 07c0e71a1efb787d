/// A short, printable piece of something that came from outside: for the operator's eyes, never a credential.
/// At most 80 characters; what is not printable ASCII is shown as `\u{…}`, so a terminal cannot be driven by it.
public struct Excerpt: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
  private let text: String

  public init(_ source: some StringProtocol) {
    // Nearly always, and it happens with every request.
    let whole = String(source)
    if whole.utf8.count <= 80, whole.utf8.allSatisfy({ 0x20 <= $0 && $0 <= 0x7E }) {
      text = whole
      return
    }
    var text = ""
    for scalar in source.unicodeScalars.prefix(80) {
      text += (0x20...0x7E).contains(scalar.value) ? String(scalar) : "\\u{" + String(scalar.value, radix: 16) + "}"
    }
    if source.unicodeScalars.dropFirst(80).first != nil { text += "…" }
    self.text = text
  }

  public init(stringLiteral value: String) { self.init(value) }

  public var description: String { text }
}

/// A sentence of a contract file, written by whoever runs the server: it goes to callers whole.
public struct ContractSentence: Hashable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ text: String) { description = text }
}

/// A value handed back to the caller who sent it in this very request, because its API always did
/// ("Invalid code: abc."). It is rendered on the wire and nowhere else: a record keeps its length only.
public struct Echo: Hashable, Sendable, CustomStringConvertible {
  private let text: String

  /// Keeps at most 200 bytes, so that an answer cannot be made to swell.
  public init(_ source: String) {
    var kept = String.UnicodeScalarView()
    var bytes = 0
    for scalar in source.unicodeScalars {
      bytes += UTF8.width(scalar)
      if bytes > 200 { break }
      kept.append(scalar)
    }
    text = String(kept)
  }

  public func reveal() -> String { text }
  public var description: String { "(\(text.unicodeScalars.count) characters)" }
}
