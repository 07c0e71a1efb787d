/// An address a person's browser may be sent back to (RFC 6749 §3.1.2, RFC 8252 §7.3, RFC 9700 §2.1).
/// It is kept and compared as it was written; nothing is normalised.
public struct RedirectURI: Hashable, Sendable, CustomStringConvertible {
  public let value: String

  /// Why a text cannot be a redirect URI.
  public enum Fault: String, Error, Equatable, Sendable {
    case notAbsolute = "it must be absolute: scheme, colon, and the rest"
    case fragment = "it must not have a fragment (RFC 6749 §3.1.2)"
    case forbiddenScheme = "javascript:, data:, vbscript: and file: are never redirected to"
    case forbiddenByte = "it must be printable ASCII without spaces, quotes, angle brackets or backslashes"
    case plainHTTP = "http is for loopback addresses only; use https (RFC 9700 §2.1)"
    case noHost = "http and https need a host"
  }

  public init(_ value: String) throws(Fault) {
    guard value.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"<>\\^`{|}".utf8.contains($0) }) else {
      throw .forbiddenByte
    }
    guard !value.contains("#") else { throw .fragment }
    guard let colon = value.firstIndex(of: ":"), colon > value.startIndex else { throw .notAbsolute }
    let scheme = value[..<colon].lowercased()
    guard let first = scheme.utf8.first, (0x61...0x7A).contains(first),
      scheme.utf8.allSatisfy({
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || "+-.".utf8.contains($0)
      })
    else { throw .notAbsolute }
    guard !["javascript", "data", "vbscript", "file"].contains(scheme) else { throw .forbiddenScheme }
    if scheme == "http" || scheme == "https" {
      let rest = value[value.index(after: colon)...]
      guard rest.hasPrefix("//") else { throw .notAbsolute }
      let authority = rest.dropFirst(2).prefix { $0 != "/" && $0 != "?" }
      guard !authority.isEmpty, !authority.contains("@") else { throw .noHost }
      let host = Self.host(authority)
      if scheme == "http", !["127.0.0.1", "[::1]", "localhost"].contains(host) { throw .plainHTTP }
    }
    self.value = value
  }

  private static func host(_ authority: Substring) -> String {
    if authority.hasPrefix("[") { return String(authority.prefix { $0 != "]" }) + "]" }
    return authority.prefix { $0 != ":" }.lowercased()
  }

  /// Whether the two are the same loopback address but for the port, which a native application gets from its
  /// operating system when it starts (RFC 8252 §7.3).
  public func differsInLoopbackPort(from other: RedirectURI) -> Bool {
    guard let mine = withoutLoopbackPort, let theirs = other.withoutLoopbackPort else { return false }
    return mine == theirs
  }

  /// `nil` for anything but http on a literal loopback address; a name may be made to point elsewhere.
  private var withoutLoopbackPort: String? {
    for host in ["http://127.0.0.1", "http://[::1]"] where value.hasPrefix(host) {
      let rest = value.dropFirst(host.count)
      guard rest.first == ":" else { return rest.isEmpty || rest.first == "/" || rest.first == "?" ? value : nil }
      let path = rest.dropFirst().drop { $0.isASCII && $0.isNumber }
      guard let port = UInt16(rest.dropFirst().prefix { $0.isASCII && $0.isNumber }), port > 0 else { return nil }
      return path.isEmpty || path.first == "/" || path.first == "?" ? host + path : nil
    }
    return nil
  }

  /// Only the application that owns the host can receive it.
  public var isClaimedHTTPS: Bool { value.hasPrefix("https://") }

  /// Scheme, host and port, as a content security policy names a source; of another scheme that scheme alone.
  public var origin: String {
    guard value.hasPrefix("http://") || value.hasPrefix("https://"), let start = value.firstRange(of: "://") else {
      return value.prefix { $0 != ":" } + ":"
    }
    return String(value[..<start.upperBound] + value[start.upperBound...].prefix { $0 != "/" && $0 != "?" })
  }

  /// The host of an http or https address, without its port, in lower case; `nil` for another scheme.
  public var host: String? {
    guard value.hasPrefix("http://") || value.hasPrefix("https://") else { return nil }
    return Self.host(origin.drop { $0 != "/" }.dropFirst(2)).lowercased()
  }

  public var description: String { value }
}
