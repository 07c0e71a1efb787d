import Foundation
import Testing

@Suite("RFC 9700 §4.14, RFC 6749 §4.1.2 Codes, families, grants and sessions, however two nodes meet at the store")
struct GrantExplorationTests {
  @Test func `every interleaving comes to what one after the other comes to, and a failure leaves nothing half done`()
    async throws
  {
    let products = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    let program = products.appendingPathComponent("GrantExploration")
    try #require(FileManager.default.isExecutableFile(atPath: program.path), "\(program.path)")
    let process = Process()
    let output = Pipe()
    process.executableURL = program
    process.standardOutput = output
    try process.run()
    let said = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let text = String(decoding: said, as: UTF8.self)
    #expect(process.terminationStatus == 0, "\(text)")
    // How many were explored, for whoever reads the test's output.
    print(text.split(separator: "\n").last ?? "")
  }
}
