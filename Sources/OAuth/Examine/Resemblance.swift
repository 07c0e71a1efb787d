import Dialects
import Vocabulary

/// How two texts that should be equal differ, in a few words; `nil` when they have little in common.
/// For the operator only: on the wire a difference would tell a caller what it must not know.
/// (RFC 6749 §10.6, RFC 9700 §2.1: addresses are compared exactly, so that a slash decides.)
enum Resemblance {
  /// Values that programs send when a variable was never set.
  static func placeholder(_ text: String) -> String? {
    guard text.utf8.count <= longest else { return nil }
    let bare = text.filter { !"\"'".contains($0) }
    let words: Set<String> = [
      "undefined", "null", "nil", "none", "nan", "[object object]", "true", "false", "token", "access_token", "bearer",
      "changeme", "secret", "xxx", "todo", "string",
    ]
    if words.contains(bare.lowercased()) { return "it is the literal `\(Excerpt(bare))`: a variable was never set" }
    for (open, close) in [
      ("${", "}"), ("{{", "}}"), ("<", ">"), ("{", "}"), ("%", "%"), ("$(", ")"), (":", ""), ("$", ""),
    ]
    where bare.hasPrefix(open) && bare.hasSuffix(close) && bare.utf8.count > open.utf8.count + close.utf8.count
      && bare.utf8.count < 40
    {
      return "\(literal(bare)): a template that nobody filled in"
    }
    let shouted = bare.uppercased()
    if shouted.hasPrefix("YOUR_") || shouted.hasPrefix("YOUR-") || shouted.hasPrefix("INSERT") {
      return "\(literal(bare)): an example's text"
    }
    return nil
  }

  /// A password may look like a template: only words that examples are made of are repeated.
  private static func literal(_ text: String) -> String {
    isExample(text) ? "it is the literal `\(Excerpt(text))`" : "it has the form of a literal (\(text.count) characters)"
  }

  /// Whether a text has no words but those that examples and variables have.
  static func isExample(_ text: String) -> Bool {
    let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }
    return !words.isEmpty && words.allSatisfy { exampleWords.contains(String($0)) }
  }

  private static let exampleWords: Set<String> = [
    "access", "api", "app", "auth", "authorization", "bearer", "cat", "change", "client", "code", "echo", "env",
    "example",
    "get", "here", "id", "insert", "jwt", "key", "me", "my", "name", "oauth", "page", "password", "process", "redirect",
    "refresh", "scope", "secret", "session", "state", "the", "todo", "token", "uri", "url", "user", "username", "value",
    "variable", "vehicle", "xxx", "your",
  ]

  /// In bytes: what is longer resembles nothing, and comparing costs time.
  private static let longest = 300
  private static let mostExpected = 1000

  /// - Parameter name: what the expected one is called: "the registered URI".
  static func between(_ seen: String, _ expected: String, _ name: String) -> String? {
    between(Seen(seen), expected, name)
  }

  /// What is compared with each of the expected, made once.
  private struct Seen {
    let text: String
    let trimmed: String
    let decoded: String?
    let lowercased: String
    let parts: Parts?

    init(_ text: String) {
      self.text = text.utf8.count <= longest ? text : ""
      trimmed = self.text.filter { !$0.isWhitespace }
      decoded = try? Form.decode(self.text.utf8, plusIsSpace: false)
      lowercased = self.text.lowercased()
      parts = Resemblance.parts(self.text)
    }
  }

  private static func between(_ looked: Seen, _ expected: String, _ name: String) -> String? {
    let seen = looked.text
    if seen == expected || seen.isEmpty { return nil }
    func differs(_ how: String) -> String { "differs from \(name) \(Excerpt(expected)) \(how)" }
    if seen + "/" == expected || seen == expected + "/" { return differs("by a trailing slash") }
    if looked.trimmed == expected { return differs("by white space") }
    if looked.decoded == expected { return differs("by being percent-encoded twice") }
    if seen.utf8.count == expected.utf8.count, looked.lowercased == expected.lowercased() {
      return differs("in capitals only")
    }
    if let mark = expected.firstRange(of: "://"), expected[mark.upperBound...] == seen {
      return differs("by its missing scheme")
    }
    if let a = looked.parts, let b = parts(expected) {
      if a.rest == b.rest, a.host == b.host, a.scheme != b.scheme {
        return differs("by \(a.scheme) instead of \(b.scheme)")
      }
      if a.scheme == b.scheme, a.rest == b.rest {
        if a.name == b.name { return differs("in the port") }
        let local: Set<String> = ["localhost", "127.0.0.1", "[::1]"]
        if local.contains(a.name), local.contains(b.name) { return differs("by \(a.name) instead of \(b.name)") }
        if "www." + a.name == b.name || a.name == "www." + b.name { return differs("by www.") }
      }
      if a.scheme == b.scheme, a.host == b.host {
        let path = (a.rest.prefix { $0 != "?" && $0 != "#" }, b.rest.prefix { $0 != "?" && $0 != "#" })
        if path.0 == path.1 { return differs(a.rest.contains("#") ? "by a fragment" : "in the query") }
        if path.0.hasPrefix(path.1) || path.1.hasPrefix(path.0) { return differs("in the length of its path") }
        return differs("in its path")
      }
      if a.scheme == b.scheme, a.rest == b.rest, Spelling.nearest(to: a.host, among: [b.host]) != nil {
        return differs("in its host")
      }
      return nil
    }
    if seen.hasPrefix(expected) || expected.hasPrefix(seen), min(seen.utf8.count, expected.utf8.count) >= 4 {
      return differs(seen.utf8.count < expected.utf8.count ? "by being cut short" : "by what follows it")
    }
    return Spelling.nearest(to: seen, among: [expected]) == nil ? nil : differs("in a few characters")
  }

  /// The first of several that resembles it.
  static func among(_ seen: String, _ expected: [String], _ name: String) -> String? {
    guard seen.utf8.count <= longest else { return nil }
    let looked = Seen(seen)
    let some = expected.prefix(mostExpected)
    if let near = Spelling.nearest(to: seen, among: some), let words = between(looked, near, name) { return words }
    return some.lazy.compactMap { between(looked, $0, name) }.first
  }

  private struct Parts {
    let scheme: String
    let host: String
    let rest: String
    /// The host without its port.
    var name: String { host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : String(host.prefix { $0 != ":" }) }
  }

  private static func parts(_ text: String) -> Parts? {
    guard let mark = text.firstRange(of: "://") else { return nil }
    let after = text[mark.upperBound...]
    let host = after.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    return Parts(
      scheme: String(text[..<mark.lowerBound]), host: String(host), rest: String(after.dropFirst(host.count)))
  }
}
