/// Where a link or a form may lead: a path on this server, or an absolute address whose scheme runs no script. Applications
/// on a device have schemes of their own (RFC 8252 §7.1), so those are let through.
public struct Address: Sendable, Hashable {
  public let text: String

  /// `nil` for anything that could run as script, that is relative to the page, or that a browser would repair:
  /// spaces, controls, text beyond ASCII, a backslash, a path that begins with two slashes.
  public init?(_ text: String) {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C }) else { return nil }
    if text.hasPrefix("/") {
      guard !text.hasPrefix("//") else { return nil }
    } else {
      guard let scheme = Self.scheme(of: text), !Self.refusedSchemes.contains(scheme) else { return nil }
      guard scheme != "http" && scheme != "https" || Self.host(of: text) != nil else { return nil }
    }
    self.text = text
  }

  private static let refusedSchemes: Set<String> = [
    "javascript", "vbscript", "data", "blob", "file", "filesystem", "about", "view-source",
  ]

  /// The scheme in lower case (RFC 3986 §3.1).
  static func scheme(of text: String) -> String? {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let scheme = text[..<colon].lowercased()
    guard let first = scheme.utf8.first, (0x61...0x7A).contains(first) else { return nil }
    let rest = scheme.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || "+-.".utf8.contains($0)
    }
    return rest ? scheme : nil
  }

  /// Host and port of an `http` or `https` address, without what precedes an `@`.
  static func host(of text: String) -> String? {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let rest = text[text.index(after: colon)...]
    guard rest.hasPrefix("//") else { return nil }
    let authority = rest.dropFirst(2).prefix { !"/?#".contains($0) }
    let host = authority.split(separator: "@", omittingEmptySubsequences: false).last.map { $0.lowercased() } ?? ""
    return host.isEmpty || host.hasPrefix(":") ? nil : host
  }
}

/// A literal in a program is a constant its author vouches for: `let action: Address = "/login"`.
extension Address: ExpressibleByStringLiteral {
  public init(stringLiteral value: StaticString) { text = value.description }
}
