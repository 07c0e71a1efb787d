import JOSE
import Vocabulary

/// Says in an address of ours that this browser signed in for this very request: a time, and a keyed hash of it, the
/// new session's cookie and the address. It opens nothing for anybody without that cookie, and no other request.
enum SignInProof {
  static let field = "signed_in"
  /// As long as a form may be read.
  static let lifetime = FormToken.lifetime

  static func make(for address: String, _ cookie: BrowserCookie, issuer: Issuer, now: Instant) -> String {
    let stamp = String(now.secondsSince1970)
    return stamp + "." + authenticate(stamp, address, cookie, issuer)
  }

  static func holds(
    _ text: String?, for address: String, _ cookie: BrowserCookie, issuer: Issuer, now: Instant
  ) -> Bool {
    let parts = (text ?? "").split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard cookie.isKnown, parts.count == 2, let second = Int64(parts[0]),
      Secret(parts[1]) == Secret(authenticate(parts[0], address, cookie, issuer))
    else { return false }
    return Instant(secondsSince1970: second) + lifetime >= now
  }

  /// No form token's text begins like this one, though the key is the same.
  private static func authenticate(
    _ stamp: String, _ address: String, _ cookie: BrowserCookie, _ issuer: Issuer
  ) -> String {
    let text = "signed in." + stamp + "." + cookie.secret.reveal() + "." + address
    return Base64URL.encode(HMACSHA256.authenticate(Array(text.utf8), key: issuer.formKey))
  }
}
