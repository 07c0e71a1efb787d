import Dialects
import HTTPTypes
import JOSE
import OAuth
import Vocabulary

/// The one cookie: a random value that names a browser before, and a session after signing in. A new one is made at
/// every sign-in, so that nobody can have planted it (RFC 9700 §4.7, OWASP session fixation).
struct BrowserCookie: Sendable {
  let secret: Secret
  /// Whether the browser sent it; otherwise it is set with the answer.
  let isKnown: Bool

  /// A host-only name where the browser enforces it, which wants TLS.
  static func name(_ issuer: Issuer) -> String { issuer.isSecure ? "__Host-doorward" : "doorward" }

  init(_ request: IncomingRequest, issuer: Issuer) {
    let wanted = Self.name(issuer) + "="
    for header in request.values(.cookie) {
      for pair in header.split(separator: ";") {
        let trimmed = pair.drop { $0 == " " }
        let value = trimmed.dropFirst(wanted.count)
        if trimmed.hasPrefix(wanted), TokenText.has(form: .opaque, String(value)) {
          secret = Secret(String(value))
          isKnown = true
          return
        }
      }
    }
    self = Self.fresh()
  }

  private init(secret: Secret, isKnown: Bool) {
    self.secret = secret
    self.isKnown = isKnown
  }

  static func fresh() -> BrowserCookie {
    var random = SystemRandomNumberGenerator()
    let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    return BrowserCookie(
      secret: TokenText.write(bytes, form: .opaque, prefix: TokenText.sessionPrefix), isKnown: false)
  }

  /// The same, as the browser will send it from now on.
  var known: BrowserCookie { BrowserCookie(secret: secret, isKnown: true) }

  var digest: Digest { TokenText.digest(secret) }

  /// `Lax`: it comes with a person who follows a link from an application, and not with a form of another site.
  func header(_ issuer: Issuer) -> (name: String, value: String) {
    let secure = issuer.isSecure ? "; Secure" : ""
    return ("Set-Cookie", "\(Self.name(issuer))=\(secret.reveal()); Path=/; HttpOnly; SameSite=Lax\(secure)")
  }
}

/// Proves that a form came from a page of ours in the same browser (RFC 9700 §4.7): a time and a keyed hash of it and
/// the cookie. Nothing is stored for it, so pages in many windows do not disturb each other.
struct FormToken {
  static let lifetime = Lifetime(clamping: 3600)
  static let field = "form_token"

  /// `time.nonce.mac`: no two pages have the same, so that one page's decision can be told from another's.
  static func make(_ cookie: BrowserCookie, issuer: Issuer, now: Instant) -> String {
    let stamp = "\(now.secondsSince1970).\(TraceID.random())"
    return stamp + "." + Base64URL.encode(authenticate(stamp, cookie, issuer))
  }

  static func check(_ text: String?, _ cookie: BrowserCookie, issuer: Issuer, now: Instant) -> SignInVerdict {
    guard cookie.isKnown else { return .cookieAbsent }
    let parts = (text ?? "").split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, let second = Int64(parts[0]),
      Secret(parts[2]) == Secret(Base64URL.encode(authenticate(parts[0] + "." + parts[1], cookie, issuer)))
    else { return .mismatch }
    return Instant(secondsSince1970: second) + lifetime < now ? .expired : .good
  }

  enum SignInVerdict { case good, cookieAbsent, mismatch, expired }

  private static func authenticate(_ stamp: String, _ cookie: BrowserCookie, _ issuer: Issuer) -> [UInt8] {
    HMACSHA256.authenticate(Array((stamp + "." + cookie.secret.reveal()).utf8), key: issuer.formKey)
  }
}
