import Foundation
import Testing

@testable import Pages

@Suite("The operator finds every phrase in the documentation")
struct PhraseListTests {
  private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "docs/pages.md")

  private static var table: String {
    let rows = Phrase.samples.map { phrase in
      let braces = phrase.arguments.map { "`{\($0.name)}`" }.joined(separator: ", ")
      let words = Language.allCases.map { $0.words(phrase) }.joined(separator: " | ")
      return "| `\(phrase.name)` | \(braces) | \(words) |"
    }
    return """
      # What the pages say

      Each phrase of the pages for people, by the name under which `texts` of the configuration replaces it, what may stand in braces, and our
      words. `DOORWARD_WRITE_PHRASES=1 swift test --filter PhraseListTests` writes this file.

      | name | braces | \(Language.allCases.map { "`\($0.rawValue)`" }.joined(separator: " | ")) |
      |---|---|\(String(repeating: "---|", count: Language.allCases.count))

      """ + rows.joined(separator: "\n") + "\n"
  }

  @Test func `docs/pages names every phrase with its words`() throws {
    if ProcessInfo.processInfo.environment["DOORWARD_WRITE_PHRASES"] != nil {
      try Self.table.write(to: Self.file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: Self.file, encoding: .utf8) == Self.table)
  }

  @Test func `one colour is enough, since the other is made of it`() throws {
    let colour = try #require(Colour("#7a1f5c"))
    let made = try Accent(light: colour)
    #expect(made.light == colour && made.dark != colour)
    #expect(throws: PageStyleFault.self) { try Accent(light: try #require(Colour("#ffff00"))) }
  }
}
