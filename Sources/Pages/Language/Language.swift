/// The languages these pages speak. Another one is a case here and a file beside `English.swift`.
public enum Language: String, CaseIterable, Hashable, Sendable {
  case english = "en"
  case german = "de"

  /// By the primary subtag of a language tag: `de-AT` and `DE` are German (RFC 5646 §2.1.1, RFC 4647 §3.4).
  init?(tag: some StringProtocol) {
    let primary = tag.prefix { $0 != "-" && $0 != "_" }.lowercased()
    self.init(rawValue: primary)
  }

  /// What the application asked for on the person's behalf comes first, then what the person's browser asks for.
  public static func chosen(
    uiLocales: String?, acceptLanguage: String?, fallback: Language = .english
  ) -> Language {
    named(by: uiLocales ?? "") ?? preferred(by: acceptLanguage ?? "", fallback) ?? fallback
  }

  /// `ui_locales`: tags in order of preference, separated by spaces (OpenID Connect Core §3.1.2.1). Unknown ones are
  /// passed over, as that section asks.
  private static func named(by uiLocales: String) -> Language? {
    uiLocales.prefix(longest).split(separator: " ").lazy.compactMap { Language(tag: $0) }.first
  }

  /// `Accept-Language` (RFC 9110 §12.5.4): the highest quality, then the first named; what `*` covers comes after
  /// what is named.
  private static func preferred(by header: String, _ fallback: Language) -> Language? {
    var named: [Language: (quality: Int, position: Int)] = [:]
    var any = 0
    for (position, element) in header.prefix(longest).split(separator: ",").enumerated() {
      let parts = element.split(separator: ";", omittingEmptySubsequences: false).map {
        $0.filter { !" \t".contains($0) }
      }
      guard let range = parts.first, let quality = quality(parts.dropFirst()) else { continue }
      if range == "*" { any = max(any, quality) }
      guard let language = Language(tag: range) else { continue }
      if quality > named[language]?.quality ?? -1 { named[language] = (quality, position) }
    }
    var best: (language: Language, quality: Int, position: Int)?
    for language in [fallback] + allCases {
      let (quality, position) = named[language] ?? (any, Int.max)
      guard quality > 0 else { continue }
      if let best, (best.quality, -best.position) >= (quality, -position) { continue }
      best = (language, quality, position)
    }
    return best?.language
  }

  /// A weight in thousandths; 1000 where none is written, `nil` where it is nonsense (RFC 9110 §12.4.2).
  private static func quality(_ parameters: ArraySlice<String>) -> Int? {
    guard let weight = parameters.first(where: { $0.lowercased().hasPrefix("q=") })?.dropFirst(2) else { return 1000 }
    let digits = weight.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let fraction = digits.count == 2 ? digits[1].prefix(3) : ""
    guard let whole = Int(digits.first ?? ""), (0...1).contains(whole), digits.first?.count == 1,
      fraction.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    let thousandths = Int(fraction + String(repeating: "0", count: 3 - fraction.count)) ?? 0
    return min(1000, whole * 1000 + thousandths)
  }

  /// More than a browser ever sends; what follows is not read.
  private static let longest = 1000

  func words(_ phrase: Phrase) -> String {
    switch self {
    case .english: English.words(phrase)
    case .german: German.words(phrase)
    }
  }
}
