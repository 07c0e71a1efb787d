import Testing

@testable import Pages

@Suite("Text from outside never becomes markup")
struct EscapingTests {
  @Test(arguments: SamplePages.names)
  func `a hostile text in every field leaves a page's structure as it was`(_ name: String) {
    for language in Language.allCases {
      let harmless = shape(SamplePages.page(name, "x"), language)
      #expect(!harmless.contains { $0.hasPrefix("unreadable") })
      for text in SamplePages.hostile {
        let found = shape(SamplePages.page(name, text), language)
        #expect(found == harmless, "\(name) with \(text.debugDescription)")
      }
    }
  }

  private func shape(_ page: any Page, _ language: Language) -> [String] {
    // A title's underscores are the one thing that makes an element: `<wbr>`; no payload has one.
    Piece.read(page.document(.standard, language).text).map(\.shape)
  }

  @Test(arguments: SamplePages.hostile)
  func `the operator's name and words are escaped as well`(_ text: String) throws {
    let plain = try PageStyle(name: "n", texts: [.english: ["signIn": "w"]])
    let words = "w" + text.split(separator: "{").joined()
    let style = try PageStyle(name: "n" + text, texts: [.english: ["signIn": words]])
    let page = SamplePages.page("sign-in", "x")
    let expected = Piece.read(page.document(plain, .english).text).map(\.shape)
    #expect(Piece.read(page.document(style, .english).text).map(\.shape) == expected)
  }

  @Test(arguments: SamplePages.hostile)
  func `no document contains what no document may contain`(_ text: String) {
    for (name, page) in SamplePages.all(text) {
      let bad = page.document(.standard, .english).text.unicodeScalars.filter { scalar in
        switch scalar.value {
        case 0x0A: false
        case 0x00...0x1F, 0x7F...0x9F, 0xFDD0...0xFDEF: true
        case let value: value & 0xFFFE == 0xFFFE
        }
      }
      #expect(bad.allSatisfy { $0 == "\t" }, "\(name)")
    }
  }

  @Test(arguments: ["a&b=\"c\" <d> 'e'", "line\r\nline\ttab", "&amp;amp;", "\u{202E}kept", "ü👩‍👩‍👧<\u{338}"])
  func `a hidden field carries its value unchanged`(_ value: String) {
    let page = FormPostPage(applicationName: "x", redirectURI: "/", fields: [FormField("state", value)])
    let field = Element.all(in: page.document(.standard, .english).text).first { $0.attributes["name"] == "state" }
    #expect(field.map { Array($0.attributes["value", default: ""].unicodeScalars) } == Array(value.unicodeScalars))
  }

  @Test func `a name cannot be turned around`() {
    #expect(Escaping.text("\u{202E}gro.live") == "\u{FFFD}gro.live")
  }

  @Test(arguments: [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,x",
    "vbscript:x", "blob:x", "file:///etc/passwd", "//evil.example", "/\\evil.example", "\\\\evil.example", "https:",
    "https://",
    "https://:80", "https://u@", "relative", "", "#", "/a b", "/\n", "/ü", ":x", "1a:x",
  ])
  func `an address that could mislead is none`(_ text: String) {
    #expect(Address(text) == nil)
  }

  @Test(arguments: [
    "/login?a=b&c=d", "https://app.example/callback", "http://127.0.0.1:8080/", "http://[::1]:80/x",
    "com.example.app:/cb",
    "myapp://callback",
  ])
  func `an address an application may have is kept as it is written`(_ text: String) {
    #expect(Address(text)?.text == text)
  }
}
