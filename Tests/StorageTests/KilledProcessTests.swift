import Foundation
import SQLiteStorage
import Storage
import Testing
import Vocabulary

@Suite("A process that is killed")
struct KilledProcessTests {
  @Test func `what it was answered as committed is there, and no half of a batch`() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("store.sqlite")
    let products = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    let probe = products.appendingPathComponent("StorageProbe")
    try #require(FileManager.default.isExecutableFile(atPath: probe.path), "\(probe.path)")
    for _ in 0..<3 {
      let process = Process()
      let output = Pipe()
      process.executableURL = probe
      process.arguments = ["write", path]
      process.standardOutput = output
      try process.run()
      // Killed in the middle of its work, however long it took to start; an error of its own ends the output early.
      var said = Data()
      while let more = try output.fileHandleForReading.read(upToCount: 512), !more.isEmpty {
        said += more
        if said.count > 4000 { kill(process.processIdentifier, SIGKILL) }
      }
      process.waitUntilExit()
      #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL)
      // The last line may be cut: only whole ones were said.
      let answered = String(decoding: said, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        .dropLast().map(String.init)
      #expect(answered.count > 50)
      let store = try SQLiteStore(path: path)
      try store.inspect()
      let found = try await store.read(answered.map { RecordKey(.accessToken, $0) })
      #expect(found.allSatisfy { $0 != nil })
      let access = try await store.list(.all(.accessToken, after: nil, limit: 1_000_000)).map(\.key.key)
      let refresh = try await store.list(.all(.refreshToken, after: nil, limit: 1_000_000)).map(\.key.key)
      #expect(access == refresh)
      await store.close()
    }
  }
}
