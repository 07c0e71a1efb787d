import Testing

@testable import Pages

@Suite("Every page can be used by everybody (WCAG 2.2 AA)")
struct AccessibilityTests {
  static let cases = SamplePages.names.flatMap { name in Language.allCases.map { (name, $0) } }

  private func elements(_ name: String, _ language: Language) -> [Element] {
    Element.all(in: SamplePages.page(name, "Fleet").document(.standard, language).text)
  }

  @Test(arguments: cases)
  func `there is one h1, equal to the title, and the language is named`(_ name: String, _ language: Language) {
    let document = SamplePages.page(name, "Fleet_Dashboard").document(.standard, language)
    let elements = Element.all(in: document.text)
    #expect(elements.filter { $0.name == "h1" }.map(\.text) == [document.title])
    #expect(elements.filter { $0.name == "title" }.map(\.text) == [document.title])
    #expect(elements.filter { $0.name == "html" }.map { $0.attributes["lang"] } == [language.rawValue])
    #expect(elements.filter { $0.name == "main" }.count == 1)
  }

  @Test(arguments: cases)
  func `every field has a label, every button and link a name`(_ name: String, _ language: Language) {
    let elements = elements(name, language)
    let labels = elements.filter { $0.name == "label" && !$0.text.isEmpty }.compactMap { $0.attributes["for"] }
    for field in elements where field.name == "input" && field.attributes["type"] != "hidden" {
      #expect(labels.filter { $0 == field.attributes["id"] }.count == 1)
    }
    for element in elements where ["button", "a"].contains(element.name) && element.attributes["hidden"] == nil {
      #expect(!element.text.isEmpty)
    }
    for group in elements where group.name == "fieldset" { #expect(group.text.contains("Fleet")) }
    for image in elements where image.name == "img" { #expect(image.attributes["alt"] != nil) }
  }

  @Test(arguments: cases)
  func `ids are unique, and what refers to one finds it`(_ name: String, _ language: Language) {
    let elements = elements(name, language)
    let ids = elements.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count)
    for attribute in ["aria-describedby", "aria-labelledby", "for"] {
      for reference in elements.compactMap({ $0.attributes[attribute] }).flatMap({ $0.split(separator: " ") }) {
        #expect(ids.contains(String(reference)), "\(attribute) \(reference)")
      }
    }
  }

  @Test(arguments: cases)
  func `there is no handler and no inline style, and a script only where its hash is`(
    _ name: String, _ language: Language
  ) {
    let elements = elements(name, language)
    for element in elements {
      #expect(!element.attributes.keys.contains { $0.hasPrefix("on") || $0 == "style" })
      #expect(element.name != "style")
    }
    let document = SamplePages.page(name, "x").document(.standard, language)
    #expect(elements.contains { $0.name == "script" } == (document.scriptHash != nil))
  }

  @Test func `the buttons have the names that were promised`() {
    let consent = elements("consent", .english).filter { $0.name == "button" && $0.attributes["hidden"] == nil }
    #expect(consent.map(\.text) == ["Not you?", "Allow access", "Deny access", "Back to application"])
    #expect(consent.dropFirst().map { $0.attributes["value"] } == ["allow", "deny", "return"])
    #expect(consent[1].attributes["class"] == consent[2].attributes["class"], "neither weighs more")
    #expect(elements("sign-in", .english).contains { $0.name == "button" && $0.text == "Sign in" })
  }

  @Test func `the Enter key decides nothing`() {
    let buttons = elements("consent", .english).filter { $0.name == "button" }
    #expect(buttons.dropFirst().first?.attributes["value"] == "ask", "the first of the second form")
  }

  @Test func `a required scope is locked, ticked, and sent all the same`() {
    let fields = elements("consent", .english).filter { $0.name == "input" && $0.attributes["name"] == "scope" }
    #expect(fields.map { $0.attributes["type"] } == ["checkbox", "hidden", "checkbox"])
    #expect(fields[0].attributes["disabled"] != nil && fields[0].attributes["checked"] != nil)
    #expect(fields[2].attributes["disabled"] == nil && fields[2].attributes["checked"] == nil)
  }

  @Test func `a password manager finds its way, and what failed is announced`() {
    let fields = elements("sign-in refused", .english)
    let password = fields.first { $0.attributes["type"] == "password" }?.attributes ?? [:]
    #expect(password["autocomplete"] == "current-password" && password["value"] == nil)
    #expect(password["aria-describedby"] == "failure" && password["aria-invalid"] == "true")
    #expect(fields.contains { $0.attributes["role"] == "alert" && $0.attributes["id"] == "failure" })
  }
}
