public import Catalogue
import Dialects
import OAuth
import Pages
import Vocabulary
import Yams

/// Something in a configuration that can be served and is probably not meant.
public struct ConfigurationWarning: Sendable, CustomStringConvertible {
  public let location: SourceLocation
  public let sentence: String

  public var description: String { "\(location): \(sentence)" }
}

extension ScopeWords {
  /// The `scopes` of an API: by scope, by language, a title, or `{title, detail}`.
  static func load(_ reader: YAMLReader?) throws(ConfigurationRefusal) -> [String: ScopeWords] {
    var described: [String: ScopeWords] = [:]
    for entry in try reader?.named() ?? [] {
      guard Scope(entry.name) != nil else {
        throw .valueInvalid(entry.at, key: "scopes", seen: Excerpt(entry.name), expected: "scopes, each a scope token")
      }
      var texts: [Language: Text] = [:]
      for words in try entry.value.named() {
        let language = try Language.load(words.name, at: words.at, key: Excerpt(entry.name))
        texts[language] = try Text(words.value)
      }
      guard !texts.isEmpty else {
        throw .valueInvalid(
          entry.at, key: Excerpt(entry.name), seen: "nothing", expected: "by language, as {en: Read your notes}")
      }
      described[entry.name] = ScopeWords(texts)
    }
    return described
  }

  /// Descriptions that are never shown for this API, because no route of it names the scope. An API that looks at scopes
  /// itself may have some, so they are not refused.
  static func unused(_ reader: YAMLReader, _ api: ProtectedAPI) throws(ConfigurationRefusal) -> [ConfigurationWarning] {
    guard let scopes = try reader.named().first(where: { $0.name == "scopes" })?.value else { return [] }
    let asked = api.scopes.list.map(\.name)
    var warnings: [ConfigurationWarning] = []
    for entry in try scopes.named() where !asked.contains(entry.name) {
      let nearest = Spelling.nearest(to: entry.name, among: asked).map { "; perhaps \"\($0)\" is meant" } ?? ""
      warnings.append(
        ConfigurationWarning(
          location: entry.at, sentence: "no route of \(api.id.value) asks for the scope \"\(entry.name)\"\(nearest)"))
    }
    return warnings
  }
}

extension ScopeWords.Text {
  fileprivate init(_ reader: YAMLReader) throws(ConfigurationRefusal) {
    guard reader.node.mapping != nil else {
      self.init(try Self.words(reader, "title"))
      return
    }
    let entries = try reader.mapping(["title", "detail"])
    guard let title = entries["title"] else { throw .keyMissing(reader.location, "title") }
    let detail = try entries["detail"].map { entry throws(ConfigurationRefusal) in try Self.words(entry, "detail") }
    self.init(try Self.words(title, "title"), detail ?? "")
  }

  private static func words(_ reader: YAMLReader, _ key: Excerpt) throws(ConfigurationRefusal) -> String {
    let text = try reader.text("\(key)")
    guard text.contains(where: { !$0.isWhitespace }), text.utf8.count <= 400 else {
      throw .valueInvalid(reader.location, key: key, seen: Excerpt(text), expected: "words, at most 400 bytes")
    }
    return text
  }
}
