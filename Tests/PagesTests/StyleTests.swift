import Testing

@testable import Pages

@Suite("The operator's style is checked before anybody sees it")
struct StyleTests {
  @Test func `contrast is what WCAG says it is`() throws {
    let black = try #require(Colour("#000"))
    let white = try #require(Colour("#ffffff"))
    let grey = try #require(Colour("#767676"))
    #expect(abs(black.contrast(to: white) - 21) < 0.001)
    #expect(abs(grey.contrast(to: white) - 4.5422) < 0.001)
    #expect(white.contrast(to: white) == 1)
  }

  @Test(arguments: ["", "#", "1f5fbf", "#12", "#1234567", "#ggg", "#١٢٣", "red", "# 12345", "#12345é"])
  func `what is not a colour is none`(_ text: String) { #expect(Colour(text) == nil) }

  @Test(arguments: ["#8ab4f8", "#ffffff", "#ff0", "#777777"])
  func `a colour too pale for a light page is refused, with one that would do`(_ text: String) throws {
    let pale = try #require(Colour(text))
    let dark = try #require(Colour("#8ab4f8"))
    let fault = #expect(throws: PageStyleFault.self) { try Accent(light: pale, dark: dark) }
    guard case .contrastTooLow(.light, pale, let ratio, let better)? = fault else {
      Issue.record("\(String(describing: fault))")
      return
    }
    #expect(ratio < 4.5)
    _ = try Accent(light: better, dark: dark)
    #expect(fault?.description.contains("\(better) would do") == true)
  }

  @Test func `a colour too dark for a dark page is refused as well`() throws {
    let blue = try #require(Colour("#1f5fbf"))
    let fault = #expect(throws: PageStyleFault.self) { try Accent(light: blue, dark: blue) }
    guard case .contrastTooLow(.dark, _, _, let better)? = fault else {
      Issue.record("not refused")
      return
    }
    _ = try Accent(light: blue, dark: better)
  }

  @Test func `our own colours pass the check`() throws {
    _ = try Accent(light: Accent.standard.light, dark: Accent.standard.dark)
  }

  @Test func `the style sheet is small, says nothing twice, and has an address of its own`() throws {
    let standard = PageStyle.standard.stylesheet
    #expect(standard.text.utf8.count < 8192)
    #expect(!standard.text.contains("url(") && !standard.text.contains("@import"))
    for rule in [":focus-visible", "prefers-color-scheme:dark", "prefers-reduced-motion", "forced-colors"] {
      #expect(standard.text.contains(rule))
    }
    let green = try #require(Colour("#0a6b3d"))
    let other = try PageStyle(name: "x", accent: Accent(light: green, dark: Accent.standard.dark)).stylesheet
    #expect(other.path != standard.path && other.text.contains("#0a6b3d"))
    #expect(standard.path.wholeMatch(of: /\/assets\/[0-9a-f]{16}\.css/) != nil)
    #expect(SamplePages.page("consent", "x").document(.standard, .german).text.contains(standard.path))
  }

  @Test func `an unknown phrase is refused with the nearest known one`() {
    #expect(throws: PageStyleFault.phraseUnknown("signin", nearest: "signIn")) {
      try PageStyle(name: "x", texts: [.german: ["signin": "Los"]])
    }
    #expect(throws: PageStyleFault.phraseUnknown("zzzzzzzzzzzz", nearest: nil)) {
      try PageStyle(name: "x", texts: [.german: ["zzzzzzzzzzzz": "Los"]])
    }
    #expect(throws: PageStyleFault.phraseEmpty("allow")) { try PageStyle(name: "x", texts: [.english: ["allow": " "]]) }
    #expect(throws: PageStyleFault.argumentUnknown("consent", "app", known: ["application"])) {
      try PageStyle(name: "x", texts: [.english: ["consent": "{app}?"]])
    }
    #expect(throws: PageStyleFault.nameEmpty) { try PageStyle(name: " ") }
  }

  @Test func `the operator's words replace ours, in their language only`() throws {
    let style = try PageStyle(name: "x", texts: [.english: ["consent": "Trust {application} ({application})?"]])
    #expect(style.words(.consent(application: "{host}"), .english) == "Trust {host} ({host})?")
    #expect(style.words(.consent(application: "A"), .german) == "A Zugriff erlauben?")
  }

  @Test func `every phrase can be replaced`() throws {
    for phrase in Phrase.samples {
      let style = try PageStyle(name: "x", texts: [.german: [phrase.name: "neu"]])
      #expect(style.words(phrase, .german) == "neu")
    }
  }

  @Test func `a logo is a picture and nothing else`() throws {
    for bad in [
      "javascript:x", "http://a.example/x.png", "data:text/html;base64,AA", "data:image/png,<svg>", "//a/b", "",
      "x.png",
    ] {
      #expect(Logo(bad) == nil, "\(bad)")
    }
    let logo = try #require(Logo("https://cdn.example/logo.svg?v=1"))
    let document = SignedOutPage().document(try PageStyle(name: "x", logo: logo), .english)
    #expect(SecurityHeaders.policy(for: document).contains("img-src 'self' data: https://cdn.example;"))
    #expect(Logo("data:image/png;base64,iVBORw0KGgo=") != nil && Logo("/logo.png") != nil)
  }
}
