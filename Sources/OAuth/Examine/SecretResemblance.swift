import Vocabulary

/// Which secret was nearly presented. Only digests are known, so the usual accidents are undone one by one, and what
/// comes out is compared; the work happens behind the answer, where its time tells nobody anything.
/// (RFC 6749 §2.3.1 form-encodes ids and secrets, which many clients forget.)
public enum SecretResemblance {
  /// The text without one accident each, and what the accident was.
  public static func variants(of text: String) -> [(text: String, accident: String)] {
    var variants: [(String, String)] = []
    func add(_ variant: String, _ accident: String) {
      if variant != text, !variant.isEmpty, !variants.contains(where: { $0.0 == variant }) {
        variants.append((variant, accident))
      }
    }
    var bare = text[...]
    while let last = bare.last, last.isNewline { bare = bare.dropLast() }
    add(String(bare), "a trailing newline")
    while let last = bare.last, last.isWhitespace { bare = bare.dropLast() }
    while let first = bare.first, first.isWhitespace { bare = bare.dropFirst() }
    add(String(bare), "white space at an end")
    add(String(bare.filter { !$0.isWhitespace }), "white space inside")
    for escape in ["\\n", "\\r", "%0A", "%0a"] where text.hasSuffix(escape) {
      add(String(text.dropLast(escape.count)), "a written \(escape) at its end")
    }
    add(text.filter { $0 != "\"" && $0 != "'" && $0 != "`" }, "quotation marks")
    if let decoded = try? Form.decode(text.utf8, plusIsSpace: false) { add(decoded, "percent-encoding") }
    add(text.replacing(" ", with: "+"), "spaces where plus signs were")
    for end in [",", ";", ".", "=", ":"] {
      if text.hasSuffix(end) { add(String(text.dropLast()), "a `\(end)` at its end") }
    }
    for start in ["Bearer ", "Basic ", ":", "=", ","] where text.hasPrefix(start) {
      add(String(text.dropFirst(start.count)), "`\(start)` at its beginning")
    }
    if text.hasPrefix("\u{FEFF}") { add(String(text.dropFirst()), "a byte order mark") }
    if text.utf8.count % 2 == 0, text.utf8.count > 1 {
      let half = String(text.prefix(text.count / 2))
      if half + half == text { add(half, "being written twice") }
    }
    return variants
  }

  /// - Parameter others: every registered client, to find whose secret it is.
  static func client(_ id: String, _ secret: Secret, _ client: Client?, others: [Client], now: Instant) -> [String] {
    var notices: [String] = []
    let digest = TokenText.digest(secret)
    let idDigest = TokenText.digest(Secret(id))
    if let client {
      if client.secrets.isEmpty { notices.append("client \(client.id) has no secret: it is a public client") }
      for (variant, accident) in variants(of: secret.reveal()) {
        let found = TokenText.digest(Secret(variant))
        guard let match = client.secrets.first(where: { $0.digest == found }) else { continue }
        let isOver = match.expiresAt.map { $0 <= now } ?? false
        notices.append("without \(accident) it is \(isOver ? "an expired" : "a current") secret of \(client.id)")
      }
      if let match = client.secrets.first(where: { $0.digest == digest }), let at = match.expiresAt, at <= now {
        notices.append("it matches an expired secret, which ended at \(at)")
      }
    } else {
      if let swapped = others.first(where: { $0.id.value == secret.reveal() }) {
        notices.append("id and secret are swapped: what came as the secret is the id of client \(swapped.id)")
      }
      for (variant, accident) in variants(of: id) where others.contains(where: { $0.id.value == variant }) {
        notices.append("without \(accident) the id is that of client \(Excerpt(variant))")
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
