import Foundation
import Testing

@Suite("Tidy: every refusal is given somewhere, and nothing is said in empty words")
struct CatalogueTidyTests {
  /// The cases of an area, read from its file: they end where its `Name` begins.
  private static func cases(_ text: String) -> [String] {
    let end = text.range(of: "public enum Name")?.lowerBound ?? text.endIndex
    return text[..<end].matches(of: /\n  case (?<name>\w+)/).map { String($0.name) }
  }

  @Test func `every case of every area is constructed outside the catalogue`() {
    let rest =
      ["OAuth", "AuthorizationServer", "Gatekeeper", "Doorward", "Dialects", "SQLiteStorage"]
      .flatMap { TidyTests.sources("Sources/" + $0) }.map(\.text).joined()
      + TidyTests.sources("Sources/Catalogue").filter { $0.name.hasSuffix("TopicTree.swift") }.map(\.text).joined()
    let words = Set(rest.matches(of: /\.(?<name>\w+)/).map(\.name))
    var found = 0
    for (name, text) in TidyTests.sources("Sources/Catalogue/Refusals") where name.hasSuffix("Refusal.swift") {
      for refusal in Self.cases(text) {
        found += 1
        #expect(words.contains(Substring(refusal)), "\(name): \(refusal)")
      }
    }
    #expect(found > 100)
  }

  @Test func `records and refusals keep typed facts, no bare texts`() {
    let property = /\n\s+(public )?(let|var) \w+: \[?String/
    for (name, text) in TidyTests.sources("Sources/OAuth/Records") {
      #expect(text.matches(of: property).isEmpty, "\(name)")
    }
    for (name, text) in TidyTests.sources("Sources/Catalogue/Refusals") {
      #expect(text.matches(of: /\n  case \w+\([^)]*\bString\b/).isEmpty, "\(name)")
    }
  }

  @Test func `no switch over refusals or codes has a way out`() {
    let files = [
      "OAuth/Consequences.swift", "AuthorizationServer/Journal/Journal.swift", "Catalogue/CodeEntries.swift",
      "Catalogue/PublicRefusal.swift", "AuthorizationServer/People/PageAnswer.swift",
      "Dialects/AuthorizationRule.swift",
    ]
    for file in files {
      let text = (try? String(contentsOf: TidyTests.root.appending(path: "Sources/" + file), encoding: .utf8)) ?? ""
      #expect(!text.isEmpty, "\(file)")
      #expect(text.matches(of: /\n\s*(default:|case _)/).isEmpty, "\(file)")
    }
  }

  @Test func `nobody is told that something went wrong`() throws {
    var looked = 0
    for folder in ["Sources/Catalogue/Pages", "Sources/Dialects/Contracts", "Sources/Pages/Language"] {
      let base = TidyTests.root.appending(path: folder)
      for name in FileManager.default.enumerator(atPath: base.path)?.compactMap({ $0 as? String }) ?? [] {
        guard let text = try? String(contentsOf: base.appending(path: name), encoding: .utf8) else { continue }
        looked += 1
        #expect(!text.lowercased().contains("something went wrong"), "\(folder)/\(name)")
      }
    }
    #expect(looked > 100)
  }

  /// Which sections have tests, so that gaps can be seen. `DOORWARD_WRITE_COVERAGE=1` writes the file anew.
  @Test func `the list of sections with tests is current`() throws {
    var sections: [String: Set<String>] = [:]
    let tests = TidyTests.root.appending(path: "Tests")
    for name in FileManager.default.enumerator(atPath: tests.path)?.compactMap({ $0 as? String }) ?? []
    where name.hasSuffix(".swift") || name.hasSuffix(".py") {
      guard let text = try? String(contentsOf: tests.appending(path: name), encoding: .utf8) else { continue }
      let file = name.split(separator: "/").last.map(String.init) ?? name
      for match in text.matches(of: /RFC ?(?<number>\d{4,5})[ ,_]+§?(?<section>\d+(?:[._]\d+)*)/) {
        let section = match.section.split { $0 == "_" || $0 == "." }.joined(separator: ".")
        sections["RFC \(match.number) §\(section)", default: []].insert(file)
      }
    }
    let lines = sections.keys.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
      .map { "- \($0): \((sections[$0] ?? []).sorted().joined(separator: ", "))" }
    let written =
      "# Sections with tests\n\nGenerated: see `CatalogueTidyTests`.\n\n" + lines.joined(separator: "\n") + "\n"
    let file = tests.appending(path: "COVERAGE.md")
    if ProcessInfo.processInfo.environment["DOORWARD_WRITE_COVERAGE"] == "1" {
      try written.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == written)
    #expect(lines.count > 20)
  }
}
