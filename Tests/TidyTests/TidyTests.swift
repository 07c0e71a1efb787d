import Foundation
import Testing

@Suite("Tidy: what a reviewer should not have to look for")
struct TidyTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func sources(_ folder: String) -> [(name: String, text: String)] {
    let base = root.appending(path: folder)
    let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
    // A folder that was renamed would pass every check.
    #expect(names.contains { $0.hasSuffix(".swift") }, "\(folder) has no source files")
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

  /// Where an answer's status is no number: the renderer's own, a code's entry, what an API answered, and an address to
  /// go to, whose status its contract has chosen among those of redirects.
  private static let unwritten: [String: Set<Substring>] = [
    "Sources/AuthorizationServer/Issuer.swift": ["wire.status"],
    "Sources/AuthorizationServer/People/PageAnswer.swift": ["status"],
    "Sources/Gatekeeper/TraceHeaders.swift": ["HTTPResponse.Status"],
    "Sources/Gatekeeper/ReverseProxy.swift": ["HTTPResponse.Status"],
    "Sources/AuthorizationServer/People/AuthorizationAnswer.swift": ["status"],
  ]

  /// What writes an error status: in digits, by name, or by a variable where none is expected.
  private static func written(_ name: String, _ text: String) -> [String] {
    let digits = text.matches(of: /\b(?:status|statusCode|code): ?[45]\d\d\b/).map { String($0.output) }
    let words = text.matches(
      of:
        /[sS]tatus(?:: ?|)\.(?:badRequest|unauthorized|forbidden|notFound|methodNotAllowed|conflict|gone|internalServerError|badGateway|serviceUnavailable|gatewayTimeout|tooManyRequests|contentTooLarge|unsupportedMediaType)\b/
    ).map { String($0.output) }
    let answers = text.matches(of: /\b(?:OutgoingAnswer|Response|HTTPResponse)\(\s*status: ?(?<status>[\w.]+)/)
    return digits + words
      + answers.filter { match in
        guard let number = Int(match.status) else { return unwritten[name]?.contains(match.status) != true }
        return number >= 400
      }.map { String($0.output.0) }
  }

  /// Only the renderer chooses a status: outside it nobody writes a 4xx or 5xx. The demo's sample application and APIs
  /// stand behind the server, and are none of it.
  @Test func `nothing but the renderer answers with an error status`() {
    var looked = 0
    for folder in ["Sources/AuthorizationServer", "Sources/Gatekeeper", "Sources/Doorward", "Sources/Pages"] {
      for (name, text) in Self.sources(folder) where !name.hasPrefix("Sources/Doorward/Demo/") {
        looked += text.matches(of: /\b(?:OutgoingAnswer|Response)\(\s*status:/).count
        #expect(Self.written(name, text).isEmpty, "\(name)")
      }
    }
    #expect(looked > 10)
  }

  @Test(arguments: [
    "OutgoingAnswer(status: 418)", "Response(\n      status: chosen)", "show(page, status: 503)", "Status.forbidden",
    "Response(status: .badGateway)", "OutgoingAnswer(\n  status: entry.status",
  ])
  func `the scan for error statuses finds them`(_ text: String) {
    #expect(!Self.written("Sources/Gatekeeper/Other.swift", text).isEmpty)
  }
}
