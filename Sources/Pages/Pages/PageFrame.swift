/// What all pages have in common: the operator's name and logo above, one heading that is also the title, and no script.
public protocol Page: Sendable {
  /// The page in a language, with an operator's style.
  func document(_ style: PageStyle, _ language: Language) -> Document
}

/// The words and the frame for one page.
struct PageFrame {
  let style: PageStyle
  let language: Language

  init(_ style: PageStyle, _ language: Language) {
    self.style = style
    self.language = language
  }

  func words(_ phrase: Phrase) -> String { style.words(phrase, language) }

  /// A phrase in which the words for the account lead to it; an operator's own words may do without them.
  func linkingAccount(_ phrase: Phrase) -> HTML {
    let sentence = words(phrase)
    let place = words(.accountPlace)
    guard let range = sentence.firstRange(of: place) else { return .text(sentence) }
    return .joined([
      .text(String(sentence[..<range.lowerBound])), element(.a, .href("/account")) { place },
      .text(String(sentence[range.upperBound...])),
    ])
  }

  /// - Parameters:
  ///   - formTargets: where a form, or the redirect that answers it, leads outside this server.
  ///   - mayBePopup: see `Document.mayBePopup`.
  ///   - isForEverybody: whether search engines may list the page.
  func document(
    title: String, width: Width = .card, formTargets: [Address] = [], scriptHash: String? = nil,
    mayBePopup: Bool = false, isForEverybody: Bool = false, @HTMLBuilder main content: () -> HTML
  ) -> Document {
    let page = HTML.joined([
      .constantMarkup("<!doctype html>\n"),
      element(.html, .lang(language)) {
        head(title, isForEverybody)
        element(.body, .class(width.name)) {
          element(.header) {
            if let logo = style.logo { element(.img, .source(logo), .alt("")) }
            element(.span) { style.name }
          }
          element(.main) { content() }
        }
      },
      .constantMarkup("\n"),
    ])
    var targets: [ContentSource] = []
    for source in formTargets.compactMap(ContentSource.init) where !targets.contains(source) { targets.append(source) }
    return Document(
      title: title, language: language, bytes: Array(page.markup.utf8), formTargets: targets,
      imageSources: [style.logo?.source].compactMap(\.self), scriptHash: scriptHash, mayBePopup: mayBePopup)
  }

  private func head(_ title: String, _ isForEverybody: Bool) -> HTML {
    element(.head) {
      element(.meta, .charset("utf-8"))
      element(.title) { title }
      element(.meta, .name("viewport"), .content("width=device-width, initial-scale=1"))
      element(.meta, .name("color-scheme"), .content("light dark"))
      if !isForEverybody { element(.meta, .name("robots"), .content("noindex")) }
      if let address = style.stylesheet.address { element(.link, .rel("stylesheet"), .href(address)) }
    }
  }
}

/// A form fits a narrow card; lists and texts are wider.
enum Width {
  case card, wide

  var name: StaticString {
    switch self {
    case .card: "narrow"
    case .wide: "wide"
    }
  }
}
