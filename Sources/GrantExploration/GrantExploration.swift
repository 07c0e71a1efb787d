import Foundation

/// Explores what grants, codes, families and sessions can become where operations of several server processes meet at
/// their common store. For the tests, in a process of its own: it sets the clock.
///
///     GrantExploration [--list] [--verbose] [--long] [--every] [WORDS OF A NAME …]
///
/// `--long` plays more scenarios, and tries failures in every one; `--every` tells apart what differs only in turns that do not touch.
@main
enum GrantExploration {
  static func main() async throws {
    let arguments = CommandLine.arguments.dropFirst()
    let isVerbose = arguments.contains("--verbose")
    let words = arguments.filter { !$0.hasPrefix("--") }
    let all = Scenario.pairs + Scenario.triples + (arguments.contains("--long") ? Scenario.longer : [])
    let scenarios = all.filter { scenario in
      words.isEmpty || words.contains { scenario.name.contains($0) }
    }
    if arguments.contains("--list") {
      for scenario in scenarios { print(scenario.name) }
      return
    }
    let folder = FileManager.default.temporaryDirectory.path + "/doorward-exploration-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let ground = try await Ground(folder: folder)
    var problems = 0
    var interleavings = 0
    for scenario in scenarios {
      var report = Report(
        scenario, ground, isVerbose: isVerbose, isWhole: arguments.contains("--every"),
        isLong: arguments.contains("--long"))
      try await report.explore()
      print(report.lines.joined(separator: "\n"))
      fflush(nil)
      problems += report.problems
      interleavings += report.interleavings
    }
    print("\(scenarios.count) scenarios, \(interleavings) interleavings, \(problems) wrong")
    if problems > 0 { exit(1) }
  }
}
