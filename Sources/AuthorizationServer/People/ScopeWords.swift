public import Pages
import Vocabulary

/// A scope in plain words, for the consent page and the account, as the API's operator describes it.
public struct ScopeWords: Sendable, Hashable {
  public struct Text: Sendable, Hashable {
    public let title: String
    public let detail: String

    public init(_ title: String, _ detail: String = "") {
      self.title = title
      self.detail = detail
    }
  }

  private let texts: [Language: Text]

  public init(_ texts: [Language: Text]) { self.texts = texts }

  /// In the person's language, or in the first there is: other words say more than a scope's name.
  func text(_ language: Language) -> Text? {
    texts[language] ?? Language.allCases.lazy.compactMap { texts[$0] }.first
  }

  /// The words for a scope of some APIs. Where several of them describe it, a person who allows it allows all of that,
  /// so they read all of it. A scope nobody has described is shown by its name.
  static func words(for scope: Scope, of apis: [ProtectedAPI], _ language: Language) -> Text {
    var found: [Text] = []
    for text in apis.compactMap({ $0.scopeWords[scope.name]?.text(language) }) where !found.contains(text) {
      found.append(text)
    }
    if found.isEmpty { return standard[scope.name]?.text(language) ?? Text(scope.name) }
    var titles: [String] = []
    for text in found where !titles.contains(text.title) { titles.append(text.title) }
    return Text(
      titles.joined(separator: "; "), found.map(\.detail).filter { !$0.isEmpty }.joined(separator: "; "))
  }

  /// Scopes that belong to no API (OpenID Connect Core §5.4 and §11).
  private static let standard: [String: ScopeWords] = [
    "profile": ScopeWords([
      .english: Text("Your name", "The name you go by here"),
      .german: Text("Ihr Name", "Der Name, unter dem Sie hier bekannt sind"),
    ]),
    "email": ScopeWords([.english: Text("Your email address"), .german: Text("Ihre E-Mail-Adresse")]),
    "offline_access": ScopeWords([
      .english: Text("Access while you are away", "Until you withdraw it"),
      .german: Text("Zugriff in Ihrer Abwesenheit", "Bis Sie ihn widerrufen"),
    ]),
  ]
}
