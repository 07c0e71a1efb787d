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
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("doorward-" + UUID().uuidString)
    try #require(FileManager.default.createFile(atPath: file.path, contents: nil))
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = program
    process.standardOutput = try FileHandle(forWritingTo: file)
    // It takes a minute or two: no thread that other tests need waits for it.
    let status = try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Int32, any Error>) in
      process.terminationHandler = { ended.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch { ended.resume(throwing: error) }
    }
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(status == 0, "\(text)")
    // How many were explored, for whoever reads the test's output.
    print(text.split(separator: "\n").last ?? "")
  }
}
