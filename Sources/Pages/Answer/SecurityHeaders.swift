/// What every page is sent with: it may load its own style and pictures, be framed by nobody, run nothing
/// (RFC 9700 §4.16, RFC 6749 §10.13).
public enum SecurityHeaders {
  public static func list(for document: Document, caching: Caching = .never) -> [(name: String, value: String)] {
    let kept =
      switch caching {
      case .never: "no-store"
      case .publicly(let seconds): "public, max-age=\(seconds)"
      }
    // An application that opened the sign-in in a window hears of its end through `window.opener`, which any other
    // value would cut for good, even for the application's own page that follows.
    let opener = document.mayBePopup ? "unsafe-none" : "same-origin"
    return [
      ("Content-Type", "text/html; charset=utf-8"), ("Content-Language", document.language.rawValue),
      ("Cache-Control", kept), ("Content-Security-Policy", policy(for: document)),
      ("Referrer-Policy", "no-referrer"), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
      ("Cross-Origin-Opener-Policy", opener), ("Cross-Origin-Resource-Policy", "same-origin"),
      ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ]
  }

  /// The headers of the style sheet: its address changes with its content, so it may be kept for good.
  public static let stylesheet: [(name: String, value: String)] = [
    ("Content-Type", "text/css; charset=utf-8"), ("Cache-Control", "public, max-age=31536000, immutable"),
    ("X-Content-Type-Options", "nosniff"), ("Cross-Origin-Resource-Policy", "same-origin"),
  ]

  /// `form-action` names the place a form's answer redirects to as well, because Chromium holds redirects to it, and
  /// where that place may lead on: to any https address, and on a developer's own machine to any port of it.
  static func policy(for document: Document) -> String {
    func sources(_ more: [ContentSource]) -> String { more.map { " " + $0.expression }.joined() }
    var onward = document.formTargets.isEmpty ? "" : " https:"
    if document.formTargets.contains(where: \.isPlainHTTP) {
      onward += " http://127.0.0.1:* http://localhost:*"
    }
    var directives = [
      "default-src 'none'", "style-src 'self'", "img-src 'self' data:" + sources(document.imageSources),
      "form-action 'self'" + sources(document.formTargets) + onward, "frame-ancestors 'none'", "base-uri 'none'",
    ]
    if let hash = document.scriptHash { directives.append("script-src '\(hash)'") }
    return directives.joined(separator: "; ")
  }
}
