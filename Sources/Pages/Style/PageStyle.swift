/// How an operator's pages look and what they say, checked once, when the configuration is read.
public struct PageStyle: Sendable {
  public let name: String
  public let stylesheet: Stylesheet
  let logo: Logo?
  private let texts: [Language: [String: String]]

  /// The style of a server whose operator changed nothing.
  public static let standard = PageStyle(name: "Doorward", logo: nil, accent: .standard, checked: [:])

  private init(name: String, logo: Logo?, accent: Accent, checked texts: [Language: [String: String]]) {
    self.name = name
    self.logo = logo
    self.texts = texts
    stylesheet = Stylesheet(accent: accent)
  }

  /// `texts`: words by language and phrase name; `{application}` and the like stand for the phrase's arguments.
  public init(
    name: String, logo: Logo? = nil, accent: Accent = .standard, texts: [Language: [String: String]] = [:]
  ) throws(PageStyleFault) {
    guard name.contains(where: { !$0.isWhitespace }) else { throw .nameEmpty }
    for (phrase, words) in texts.values.flatMap({ $0 }).sorted(by: { $0.key < $1.key }) {
      try Self.check(phrase, words)
    }
    self.init(name: name, logo: logo, accent: accent, checked: texts)
  }

  private static func check(_ name: String, _ words: String) throws(PageStyleFault) {
    guard let phrase = Phrase.samples.first(where: { $0.name == name }) else {
      throw .phraseUnknown(name, nearest: Nearest.name(to: name, among: Phrase.samples.map(\.name)))
    }
    guard words.contains(where: { !$0.isWhitespace }) else { throw .phraseEmpty(name) }
    let known = phrase.arguments.map(\.name)
    for placeholder in words.split(separator: "{", omittingEmptySubsequences: false).dropFirst() {
      let argument = String(placeholder.prefix { $0 != "}" })
      guard known.contains(argument) else { throw .argumentUnknown(name, argument, known: known) }
    }
  }

  /// The words for a phrase: the operator's, or ours.
  func words(_ phrase: Phrase, _ language: Language) -> String {
    guard !texts.isEmpty, let own = texts[language]?[phrase.name] else { return language.words(phrase) }
    // Each argument is put in once: a name that contains `{host}` is not read again.
    let parts = own.split(separator: "{", omittingEmptySubsequences: false)
    return parts.dropFirst().reduce(into: String(parts.first ?? "")) { text, part in
      let name = part.prefix { $0 != "}" }
      text += phrase.arguments.first { $0.name == name }?.value ?? ""
      text += part.dropFirst(name.count + 1)
    }
  }
}

/// Why a style is refused, in words for the operator.
public enum PageStyleFault: Error, Sendable, Hashable, CustomStringConvertible {
  case nameEmpty
  case contrastTooLow(Surface, Colour, ratio: Double, sufficient: Colour)
  case phraseUnknown(String, nearest: String?)
  case phraseEmpty(String)
  case argumentUnknown(String, String, known: [String])

  public var description: String {
    switch self {
    case .nameEmpty: return "the name must not be empty"
    case .contrastTooLow(let surface, let colour, let ratio, let sufficient):
      let tenths = Int(ratio * 10)
      return
        "the accent colour \(colour) for \(surface.rawValue) screens has a contrast of \(tenths / 10).\(tenths % 10) to 1; "
        + "4.5 is needed to be readable (WCAG 2.2 §1.4.3); \(sufficient) would do"
    case .phraseUnknown(let name, let nearest):
      return "there is no phrase \(name)" + (nearest.map { "; the nearest is \($0)" } ?? "")
    case .phraseEmpty(let name): return "the words for \(name) must not be empty"
    case .argumentUnknown(let phrase, let argument, let known):
      let possible = known.isEmpty ? "none" : known.map { "{\($0)}" }.joined(separator: ", ")
      return "the words for \(phrase) refer to {\(argument)}; possible: \(possible)"
    }
  }
}
