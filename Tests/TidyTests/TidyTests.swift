import Foundation
import Testing

@Suite("Tidy: what a reviewer should not have to look for")
struct TidyTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func sources(_ folder: String) -> [(name: String, text: String)] {
    let base = root.appending(path: folder)
    let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".swift") }.sorted().compactMap { name in
      (try? String(contentsOf: base.appending(path: name), encoding: .utf8)).map { ("\(folder)/\(name)", $0) }
    }
  }

  @Test(arguments: ["Sources/OAuth", "Sources/Catalogue", "Sources/Vocabulary", "Sources/StrictJSON", "Sources/Pages"])
  func `the inner rings know no clock, no I/O, no concurrency`(_ folder: String) {
    for (name, text) in Self.sources(folder) {
      for word in [
        "async ", "await ", "Date(", ".random(", "import NIO", "import HTTP", "import Foundation", "import GRDB",
      ] {
        #expect(!text.contains(word), "\(name) contains \(word)")
      }
    }
  }

  @Test func `no source file is longer than 300 lines`() {
    let counts = (Self.sources("Sources") + Self.sources("Tests")).map {
      ($0.name, $0.text.split(separator: "\n", omittingEmptySubsequences: false).count)
    }
    for (name, count) in counts { #expect(count <= 301, "\(name): \(count)") }
    let sorted = counts.map(\.1).sorted()
    print("lines per file: median \(sorted[sorted.count / 2]), p90 \(sorted[sorted.count * 9 / 10])")
  }

  @Test func `no switch over refusals has a default`() {
    for (name, text) in Self.sources("Sources/Catalogue/Refusals") { #expect(!text.contains("default:"), "\(name)") }
  }

  @Test func `nothing traps on purpose`() {
    for (name, text) in Self.sources("Sources") {
      for word in ["fatalError(", "try!", "as!", "preconditionFailure("] {
        #expect(!text.contains(word), "\(name): \(word)")
      }
    }
  }

  @Test func `no folder or file has a name that says nothing`() {
    for (name, _) in Self.sources("Sources") {
      for word in ["Helper", "Util", "Manager", "Common", "Shared"] { #expect(!name.contains(word), "\(name)") }
    }
  }

  @Test func `every file of the rules cites a section`() {
    for (name, text) in Self.sources("Sources/OAuth") {
      #expect(text.contains("RFC ") || text.contains("OpenID Connect"), "\(name)")
    }
  }

  /// Only the renderer chooses a status: outside it nobody writes a 4xx or 5xx.
  @Test func `nothing but the renderer answers with an error status`() {
    for folder in ["Sources/AuthorizationServer", "Sources/Gatekeeper", "Sources/Doorward"] {
      for (name, text) in Self.sources(folder) {
        for pattern in [
          "status: 4", "status: 5", ".unauthorized", ".forbidden)", ".internalServerError", ".badRequest",
        ] {
          #expect(!text.contains(pattern), "\(name): \(pattern)")
        }
      }
    }
  }
}
