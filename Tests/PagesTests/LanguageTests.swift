import Foundation
import Testing

@testable import Pages

@Suite("The pages speak the person's language")
struct LanguageTests {
  @Test(
    arguments: [
      (nil, nil, Language.english), ("de", "en", .german), ("fr de-AT en", nil, .german), ("en-GB de", nil, .english),
      ("DE", nil, .german), ("de_CH", nil, .german), ("fr it", "de", .german), ("", "de-DE,de;q=0.9,en;q=0.8", .german),
      (nil, "en;q=0.3, de;q=0.7", .german), (nil, "de;q=0", .english), (nil, "en;q=0, *", .german),
      (nil, "fr, *;q=0.5", .english), (nil, "de;q=0.5, *;q=0.9", .english), (nil, "fr;q=1, de;q=0.001", .german),
      (nil, "de;q=0.000", .english), (nil, "de,en", .german), (nil, "en,de", .english),
      (nil, "de ; Q=0.8 , en; q=0.9", .english),
      (nil, "de;q=2, en;q=0.1", .english), (nil, "de;q=, en;q=x", .english), (nil, ";;;,,,;q=1", .english),
      (nil, "deutsch", .english), (nil, "*;q=0", .english), (nil, "\u{0}\u{FFFD}de", .english),
      ("\u{202E}", "de", .german),
      (nil, String(repeating: "x,", count: 100_000) + "de", .english),
    ] as [(String?, String?, Language)])
  func `a language is chosen`(_ uiLocales: String?, _ acceptLanguage: String?, _ expected: Language) {
    #expect(Language.chosen(uiLocales: uiLocales, acceptLanguage: acceptLanguage) == expected)
  }

  @Test func `where nothing is asked for, the operator's language is spoken`() {
    #expect(Language.chosen(uiLocales: nil, acceptLanguage: "*", fallback: .german) == .german)
    #expect(Language.chosen(uiLocales: "fr", acceptLanguage: "fr", fallback: .german) == .german)
  }

  @Test func `every phrase has words in every language, and all its arguments are in them`() {
    for phrase in Phrase.samples {
      for language in Language.allCases {
        let words = language.words(phrase)
        #expect(!words.isEmpty && words.first?.isWhitespace == false, "\(phrase.name) in \(language)")
        #expect(!words.contains("  ") && !words.contains("TODO"), "\(phrase.name) in \(language)")
      }
      let placeholders = phrase.arguments.map(\.value).filter { $0.hasPrefix("{") }
      guard !phrase.name.hasPrefix("message.") else { continue }
      for language in Language.allCases {
        for placeholder in placeholders { #expect(language.words(phrase).contains(placeholder), "\(phrase.name)") }
      }
    }
  }

  @Test func `English and German differ`() {
    for phrase in Phrase.samples { #expect(English.words(phrase) != German.words(phrase), "\(phrase.name)") }
  }

  @Test func `no phrase shouts a status number`() {
    for phrase in Phrase.samples {
      for language in Language.allCases {
        #expect(!language.words(phrase).contains(/\b[45]\d\d\b/))
      }
    }
  }

  /// The list an operator's words are checked against has every case of the source.
  @Test(arguments: [("Phrase", Phrase.samples.map(\.name)), ("Notice", Notice.samples.map(\.name))])
  func `the samples are complete`(_ file: String, _ names: [String]) throws {
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/Pages/Language/\(file).swift")
    let lines = try String(contentsOf: source, encoding: .utf8).split(separator: "\n")
    let cases = lines.filter { $0.hasPrefix("  case ") && !$0.contains("message(") }
      .map { $0.dropFirst(7).prefix { $0 != "(" } }
    #expect(cases.count > 8)
    #expect(Set(names.filter { !$0.contains(".") }) == Set(cases.map(String.init)))
    #expect(Set(names).count == names.count)
  }

  @Test(arguments: [(1, "1 second"), (30, "30 seconds"), (90, "2 minutes"), (3600, "60 minutes"), (-5, "1 second")])
  func `a delay is told in words`(_ seconds: Int, _ words: String) {
    #expect(English.words(.throttled(seconds: seconds)) == "Too many attempts. Try again in \(words).")
  }

  @Test(arguments: [
    ("2026-11-21", "21 November 2026", "21. November 2026"), ("2026-03-01", "1 March 2026", "1. März 2026"),
    ("2026-13-01", "2026-13-01", "2026-13-01"), ("2026-00-01", "2026-00-01", "2026-00-01"), ("x", "x", "x"),
    ("-----", "-----", "-----"), ("a-b-c-d", "a-b-c-d", "a-b-c-d"),
    ("2026--1-01", "2026--1-01", "2026--1-01"),
  ])
  func `a day is written as the language writes it`(_ date: String, _ english: String, _ german: String) {
    #expect(Language.english.day(date) == english && Language.german.day(date) == german)
  }

  @Test func `the words for the account are a link, where an operator has not written others`() throws {
    let page = SignOutPage(signedInAs: "x", action: "/oauth/logout")
    #expect(page.document(.standard, .english).text.contains("<a href=\"/account\">in your account</a>."))
    #expect(page.document(.standard, .german).text.contains("<a href=\"/account\">in Ihrem Konto</a> entziehen."))
    let own = try PageStyle(name: "x", texts: [.english: ["signOutLead": "Bye."]])
    #expect(page.document(own, .english).text.contains("<p>Bye.</p>"))
  }
}
