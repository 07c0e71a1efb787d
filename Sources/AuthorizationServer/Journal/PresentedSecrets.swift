import Dialects
import Foundation
import HTTPTypes
import OAuth
import Storage
import StrictJSON
import Vocabulary

/// What a request carried that is, or may be, a credential. A record must not have it anywhere, wherever it was put:
/// in its own place, or in a path, a name or a header where nobody looks for it.
struct PresentedSecrets: Sendable {
  private(set) var texts: [String] = []

  /// Shorter ones would cut words out of every sentence; a password has more.
  private static let shortest = 8

  init(_ occasion: Occasion, isPublic: (String) -> Bool) {
    let request = occasion.request
    for field in request.headers where Self.headers.contains(field.name.canonicalName) {
      for word in field.value.split(whereSeparator: { $0 == " " || $0 == "," || $0 == ";" || $0 == "\t" }) {
        add(String(word), isPublic)
        add(String(word.drop { $0 != "=" }.dropFirst()), isPublic)
      }
    }
    if let value = request.headers[.authorization], value.lowercased().hasPrefix("basic "),
      let data = Data(base64Encoded: String(value.dropFirst(6)))
    {
      let pair = String(decoding: data, as: UTF8.self)
      add(String(pair.drop { $0 != ":" }.dropFirst()), isPublic)
    }
    let forms = [occasion.form, request.target.form, try? Form(decoding: request.body)].compactMap { $0 }
    for parameter in forms.flatMap(\.parameters) where Self.isSecret(parameter.name) { add(parameter.value, isPublic) }
    for member in (try? JSON(parsing: request.body))?.members ?? [] where Self.isSecret(member.name) {
      add(member.value.string ?? "", isPublic)
    }
  }

  private static let headers: Set<String> = [
    "authorization", "proxy-authorization", "cookie", "x-authorization", "x-forwarded-authorization",
    "x-original-authorization", "x-api-key", "x-auth-token", "x-access-token", "api-key", "token", "auth",
  ]

  /// Names that stand before secrets, in whatever spelling.
  static func isSecret(_ name: String) -> Bool {
    let bare = name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != "." }
    if ["codechallenge", "codechallengemethod", "tokentypehint", "tokentype", "grantcode"].contains(bare) {
      return false
    }
    return ["password", "passwd", "passphrase", "secret", "token", "code", "verifier", "assertion", "apikey", "hint"]
      .contains { bare.contains($0) } || ["pw", "pwd", "pass", "pin", "key", "auth", "session", "sid"].contains(bare)
  }

  private mutating func add(_ text: String, _ isPublic: (String) -> Bool) {
    let bare = text.trimmingCharacters(in: CharacterSet(charactersIn: "\"'<>{}[]() \r\n\t"))
    for form in [text, bare, String(Form.encode([("", text)]).dropFirst()), Self.decoded(text)]
    where form.utf8.count >= Self.shortest && !texts.contains(form) && !isPublic(form) && !Self.isNoSecret(form) {
      texts.append(form)
    }
  }

  private static func decoded(_ text: String) -> String { (try? Form.decode(text.utf8, plusIsSpace: true)) ?? "" }

  /// What programs send when a variable was never set is told in words; it opens nothing.
  private static func isNoSecret(_ text: String) -> Bool {
    let words: Set<String> = ["undefined", "[object object]", "changeme", "negotiate"]
    return words.contains(text.lowercased()) || Examination.isExample(text)
  }

  /// Looks up what has the form of a token among the words of the record: a token that stands where nobody expects one
  /// is found by its digest.
  mutating func find(in record: JSON, _ issuer: Issuer) async {
    var runs: [String] = []
    record.eachText { text in
      for bytes in text.utf8.split(whereSeparator: { !$0.isBase64URL })
      where [36, 43].contains(bytes.count) && runs.count < 24 {
        let run = String(decoding: bytes, as: UTF8.self)
        if !runs.contains(run) { runs.append(run) }
      }
    }
    let beginnings = [
      "", TokenText.accessPrefix, TokenText.refreshPrefix, TokenText.codePrefix, TokenText.secretPrefix,
    ]
    let candidates = runs.filter { !texts.contains($0) }.flatMap { run in
      (run.utf8.count == 43 ? beginnings : [""]).map { (run: run, digest: TokenText.digest(Secret($0 + run))) }
    }
    let kinds: [RecordKind] = [.accessToken, .refreshToken, .authorizationCode]
    let keys = candidates.flatMap { candidate in kinds.map { RecordKey($0, candidate.digest.hexadecimal) } }
    let found = keys.isEmpty ? [] : (try? await issuer.store.read(keys)) ?? []
    for (index, (run, digest)) in candidates.enumerated() where !texts.contains(run) {
      let isStored = found.dropFirst(index * kinds.count).prefix(kinds.count).contains { $0 != nil }
      if isStored || issuer.snapshot.clients.contains(where: { $0.secrets.contains { $0.digest == digest } }) {
        texts.append(run)
      }
    }
  }

  /// The text with each of them cut to its length.
  func removed(from text: String) -> String {
    var text = text
    // Most texts of a record are shorter than a token.
    for secret in texts where secret.utf8.count <= text.utf8.count && text.contains(secret) {
      text = text.replacing(secret, with: "(\(secret.count) characters)")
    }
    return text
  }
}

extension JSON {
  fileprivate func eachText(_ body: (String) -> Void) {
    switch self {
    case .object(let members): for member in members { member.value.eachText(body) }
    case .array(let values): for value in values { value.eachText(body) }
    case .string(let text): body(text)
    default: break
    }
  }
}
