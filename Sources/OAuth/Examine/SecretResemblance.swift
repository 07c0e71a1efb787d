import Vocabulary

/// Which secret was nearly presented. Only digests are known, so the usual accidents are undone one by one, and what
/// comes out is compared; the work happens behind the answer, where its time tells nobody anything.
/// (RFC 6749 §2.3.1 form-encodes ids and secrets, which many clients forget.)
public enum SecretResemblance {
  /// The text with one accident each undone, and how: "without a trailing newline".
  public static func variants(of text: String) -> [(text: String, how: String)] {
    var variants: [(String, String)] = []
    func add(_ variant: String, _ how: String) {
      if variant != text, !variant.isEmpty, !variants.contains(where: { $0.0 == variant }) {
        variants.append((variant, how))
      }
    }
    var bare = text[...]
    while let last = bare.last, last.isNewline { bare = bare.dropLast() }
    add(String(bare), "without a trailing newline")
    while let last = bare.last, last.isWhitespace { bare = bare.dropLast() }
    while let first = bare.first, first.isWhitespace { bare = bare.dropFirst() }
    add(String(bare), "without white space at an end")
    add(String(bare.filter { !$0.isWhitespace }), "without white space inside")
    for escape in ["\\n", "\\r", "%0A", "%0a"] where text.hasSuffix(escape) {
      add(String(text.dropLast(escape.count)), "without a written \(escape) at its end")
    }
    add(text.filter { $0 != "\"" && $0 != "'" && $0 != "`" }, "without quotation marks")
    if let decoded = try? Form.decode(text.utf8, plusIsSpace: false) { add(decoded, "without percent-encoding") }
    add(text.replacing(" ", with: "+"), "with plus signs where spaces are")
    for end in [",", ";", ".", "=", ":"] {
      if text.hasSuffix(end) { add(String(text.dropLast()), "without a `\(end)` at its end") }
    }
    for start in ["Bearer ", "Basic ", ":", "=", ","] where text.hasPrefix(start) {
      add(String(text.dropFirst(start.count)), "without `\(start)` at its beginning")
    }
    for mark in ["#", "&", "?"] {
      if let place = text.firstIndex(of: Character(mark)) {
        add(String(text[..<place]), "without what follows `\(mark)`")
      }
    }
    if text.hasPrefix("\u{FEFF}") { add(String(text.dropFirst()), "without a byte order mark") }
    if text.utf8.count % 2 == 0, text.utf8.count > 1 {
      let half = String(text.prefix(text.count / 2))
      if half + half == text { add(half, "without being written twice") }
    }
    cased(text, add)
    return variants
  }

  private static func cased(_ text: String, _ add: (String, String) -> Void) {
    if let id = TraceID(text) {
      if text.utf8.count == 32 { add(id.uuid, "with its hyphens") }
      add(text.lowercased(), "without capitals")
    }
    if text.utf8.count == 43 {
      for prefix in [TokenText.accessPrefix, TokenText.refreshPrefix, TokenText.codePrefix, TokenText.secretPrefix] {
        add(prefix + text, "with its beginning `\(prefix)`")
      }
    }
  }

  /// - Parameter others: every registered client, to find whose secret it is.
  static func client(_ id: String, _ secret: Secret, _ client: Client?, others: [Client], now: Instant) -> [String] {
    var notices: [String] = []
    let digest = TokenText.digest(secret)
    let idDigest = TokenText.digest(Secret(id))
    if let client {
      if client.secrets.isEmpty { notices.append("client \(client.id) has no secret: it is a public client") }
      for (variant, how) in variants(of: secret.reveal()) {
        let found = TokenText.digest(Secret(variant))
        guard let match = client.secrets.first(where: { $0.digest == found }) else { continue }
        let isOver = match.expiresAt.map { $0 <= now } ?? false
        notices.append("\(how) it is \(isOver ? "an expired" : "a current") secret of \(client.id)")
      }
      if let match = client.secrets.first(where: { $0.digest == digest }), let at = match.expiresAt, at <= now {
        notices.append("it matches an expired secret, which ended at \(at)")
      }
    } else {
      if let swapped = others.first(where: { $0.id.value == secret.reveal() }) {
        notices.append("id and secret are swapped: what came as the secret is the id of client \(swapped.id)")
      }
      for (variant, how) in variants(of: id) where others.contains(where: { $0.id.value == variant }) {
        notices.append("\(how) the id is that of client \(Excerpt(variant))")
      }
      if let near = Resemblance.among(id, others.map(\.id.value), "the id") { notices.append("client_id " + near) }
    }
    if let owner = others.first(where: { $0.id != client?.id && $0.secrets.contains { $0.digest == digest } }) {
      notices.append("it is the secret of client \(owner.id)")
    }
    if others.contains(where: { $0.secrets.contains { $0.digest == idDigest } }) {
      notices.append("what came as the id is a client's secret: rotate it, it has been in logs as a name")
    }
    if secret.isEmpty { notices.append("the secret is empty") }
    if let placeholder = Resemblance.placeholder(id) { notices.append("client_id: " + placeholder) }
    if client == nil, let named = others.first(where: { $0.name.description == id }) {
      notices.append("what came as the id is the name of client \(named.id)")
    }
    if let owner = others.first(where: { $0.id.value == secret.reveal() }), client != nil {
      notices.append("what came as the secret is the id of client \(owner.id)")
    }
    let length = secret.utf8.count
    if secret.reveal().hasPrefix(TokenText.secretPrefix), length != 47 {
      notices.append(
        "it has \(length) characters; secrets made by this server have 47: it was \(length < 47 ? "cut off" : "added to")"
      )
    }
    notices += oddities(secret)
    return notices
  }

  static func oddities(_ secret: Secret) -> [String] {
    [
      Resemblance.placeholder(secret.reveal()),
      CredentialResemblance.kind(secret.reveal(), wanted: TokenText.secretPrefix),
    ].compactMap { $0 }
  }
}
