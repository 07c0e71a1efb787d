import Dialects
import Vocabulary

/// What is odd about a credential that could not be read: how its header was meant, and what stands where a token
/// belongs. Words only; no part of what may be a credential is repeated.
/// (RFC 6750 §2.1, RFC 9110 §11.6.2.)
enum CredentialResemblance {
  /// - Parameter header: the `Authorization` field, if there is one.
  static func notices(header: String?, _ rule: CredentialRule) -> [String] {
    guard let header, !header.isEmpty else { return [] }
    var notices: [String] = []
    let words = header.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
    guard let first = words.first else { return ["the Authorization header is blank"] }
    let schemes = rule.schemes
    let scheme = schemes.first ?? "Bearer"
    if words.count == 1 {
      if schemes.contains(where: { $0.lowercased() == first.lowercased() }) {
        notices.append("the scheme `\(scheme)` stands alone: the token after it is missing")
      } else if !rule.bareToken {
        notices.append("there is no scheme: `\(scheme) ` belongs before the token")
      }
      if let mark = first.firstIndex(where: { ":=,".contains($0) }),
        schemes.contains(where: { $0.lowercased() == first[..<mark].lowercased() })
      {
        notices.append("`\(first[mark])` follows the scheme where a space belongs")
      }
    } else {
      notices += scheming(words, rule)
    }
    let token = words.count == 1 ? first : words.dropFirst().joined(separator: " ")
    notices += oddities(words.count == 2 ? token : words.last ?? first)
    if words.count > 2, let placeholder = Resemblance.placeholder(token) { notices.append(placeholder) }
    if words.dropFirst().contains(where: { first.lowercased() == $0.lowercased() }) {
      let isScheme = schemes.contains { $0.lowercased() == first.lowercased() } || first.lowercased() == "bearer"
      notices.append(
        isScheme
          ? "the scheme is written twice: `\(Excerpt(first)) \(Excerpt(first))`" : "the same word is written twice")
    } else if words.count > 2 {
      notices.append("there are \(words.count - 1) words after the scheme where one token belongs")
    }
    if header.contains("  ") { notices.append("two spaces follow each other") }
    return notices
  }

  private static func scheming(_ words: [String], _ rule: CredentialRule) -> [String] {
    let seen = words[0]
    let bare = seen.filter { $0 != ":" && $0 != "," && $0 != "=" }
    if rule.schemes.contains(seen) { return [] }
    guard seen.utf8.count <= 16 else { return ["the first word is too long to be a scheme"] }
    for scheme in rule.schemes {
      if seen.lowercased() == scheme.lowercased() {
        return rule.exactScheme ? ["scheme `\(Excerpt(seen))`: this API reads `\(scheme)` in these very letters"] : []
      }
      if bare.lowercased() == scheme.lowercased() {
        return ["a sign follows the scheme: `\(Excerpt(seen))` instead of `\(scheme)`"]
      }
      if Spelling.nearest(to: seen, among: [scheme]) != nil {
        return ["scheme `\(Excerpt(seen))` resembles `\(scheme)`"]
      }
    }
    switch seen.lowercased() {
    case "basic": return ["`Basic` carries a client's id and secret; this API wants a token"]
    case "bearer":
      return rule.bareToken ? ["this API takes the token alone, without `Bearer`"] : ["this API does not take `Bearer`"]
    case "dpop": return ["a token bound to a key (RFC 9449) is not read here"]
    case "digest", "negotiate", "ntlm":
      return ["`\(Excerpt(seen))` is another way to authenticate; this API wants a token"]
    default: return []
    }
  }

  /// What is odd about the text of a token, whatever its form should be.
  static func oddities(_ token: String) -> [String] {
    var notices: [String] = []
    if let placeholder = Resemblance.placeholder(token) { notices.append(placeholder) }
    if token.hasPrefix("\"") || token.hasPrefix("'") || token.hasSuffix("\"") || token.hasSuffix("'") {
      notices.append("it stands in quotation marks")
    }
    for (open, close) in [("<", ">"), ("{", "}"), ("[", "]"), ("(", ")")]
    where token.hasPrefix(open) && token.hasSuffix(close) {
      notices.append("it stands in `\(open)` and `\(close)`, as an example does")
    }
    if token.utf8.contains(UInt8(ascii: "%")) { notices.append("it is percent-encoded") }
    if token.hasSuffix(",") || token.hasSuffix(";") { notices.append("a `\(token.suffix(1))` follows it") }
    if token.hasSuffix("\\n") || token.hasSuffix("\\r") { notices.append("a written `\\n` follows it") }
    if let odd = token.unicodeScalars.first(where: { $0.value > 0x7E || $0.value < 0x21 }) {
      let place = token.unicodeScalars.prefix { $0 != odd }.count
      notices.append(
        "character \(place + 1) is U+\(String(odd.value, radix: 16, uppercase: true)), which no token has")
    }
    if token.utf8.count > 0, token.utf8.allSatisfy({ $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "x") }) {
      notices.append("it is masked, as logs mask tokens")
    }
    if token.hasSuffix("...") || token.hasSuffix("…") { notices.append("it ends in an ellipsis, as an example does") }
    return notices
  }

  /// What a text of ours is by its beginning, when it is not what was wanted.
  /// - Parameter wanted: the prefix that would be right.
  /// - Parameter form: the form that would be right.
  static func kind(_ token: String, wanted: String, form: TokenForm? = nil) -> String? {
    let kinds = [
      (TokenText.accessPrefix, "an access token"), (TokenText.refreshPrefix, "a refresh token"),
      (TokenText.codePrefix, "an authorization code"), (TokenText.secretPrefix, "a client secret"),
      (TokenText.sessionPrefix, "a session cookie"),
    ]
    for (prefix, name) in kinds where prefix != wanted && token.hasPrefix(prefix) {
      return "by its beginning it is \(name) of this server"
    }
    let dots = token.utf8.count { $0 == UInt8(ascii: ".") }
    if token.hasPrefix("eyJ") {
      if dots == 4 { return "it is an encrypted token (JWE, five parts), which this server never issues" }
      if dots < 2 { return "it begins as a JWT and has \(dots + 1) of three parts: it was cut off" }
      return "it is a JWT"
    }
    if form != .uuid, TokenText.has(form: .uuid, token) { return "it is a UUID" }
    return nil
  }
}
