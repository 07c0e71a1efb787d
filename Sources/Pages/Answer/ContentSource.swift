/// An address as a source of a Content Security Policy (CSP Level 3 §2.3.1). It is made of checked bytes only, so that
/// no redirect URI can add a directive or a header.
struct ContentSource: Hashable, Sendable {
  let expression: String
  /// Only loopback addresses are redirected to without TLS.
  var isPlainHTTP: Bool { expression.hasPrefix("http:") }

  /// `nil` for a path on this server: `'self'` covers it.
  init?(_ address: Address) {
    guard let scheme = Address.scheme(of: address.text), !address.text.hasPrefix("/") else { return nil }
    guard scheme == "http" || scheme == "https", let host = Address.host(of: address.text), Self.isPlain(host) else {
      // A device's own scheme, or a host the grammar cannot say, such as `[::1]`.
      expression = scheme + ":"
      return
    }
    expression = scheme + "://" + host
  }

  /// `host-char` and an optional port: letters, digits, hyphens and dots.
  private static func isPlain(_ host: String) -> Bool {
    let parts = host.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, let name = parts.first, !name.isEmpty else { return false }
    let isName = name.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
    }
    return isName && parts.dropFirst().allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
  }
}
