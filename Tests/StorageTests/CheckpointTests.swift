import Foundation
import GRDB
import SQLiteStorage
import Storage
import Testing
import Vocabulary

@Suite("The log beside a SQLite store", .serialized)
struct CheckpointTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("store.sqlite")
  }

  private var logSize: Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path + "-wal")
    return attributes?[.size] as? Int ?? 0
  }

  /// About that many mebibytes of log.
  private func write(_ mebibytes: Int, _ store: SQLiteStore) async throws {
    for _ in 0..<mebibytes {
      let batch = Batch(
        (0..<100).map { _ in
          .insert(
            RecordKey(.accessToken, UUID().uuidString), body: [UInt8](repeating: 7, count: 9000), expiresAt: nil,
            indexes: [:])
        })
      #expect(try await store.commit(batch) == .committed)
    }
  }

  @Test func `it begins anew while it is read and written all the time`() async throws {
    let store = try SQLiteStore(path: path)
    let beside = try SQLiteStore(path: path)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for reader in [store, beside] {
        group.addTask {
          while !Task.isCancelled { _ = try? await reader.list(.all(.accessToken, after: nil, limit: 20)) }
          return false
        }
      }
      group.addTask {
        try await write(60, store)
        return true
      }
      while try await group.next() == false {}
      group.cancelAll()
    }
    let size = logSize
    // 60 MiB and more were written.
    #expect(size < 45 << 20, "\(size >> 20) MiB")
    await beside.close()
    await store.close()
  }

  @Test func `it is emptied when nothing is written for a while`() async throws {
    let store = try SQLiteStore(path: path)
    try await write(3, store)
    #expect(logSize > 1 << 20)
    for _ in 0..<100 where logSize > 0 { try await Task.sleep(for: .milliseconds(100)) }
    #expect(logSize == 0)
    try await write(1, store)
    #expect(try await store.census().total == 400)
    await store.close()
  }

  @Test func `who reads for long holds it up, and no commit waits for them; afterwards it is emptied`() async throws {
    let store = try SQLiteStore(path: path)
    try await write(1, store)
    var reading = Configuration()
    reading.allowsUnsafeTransactions = true
    let reader = try DatabaseQueue(path: path, configuration: reading)
    try await reader.writeWithoutTransaction {
      try $0.execute(sql: "BEGIN")
      _ = try Int.fetchOne($0, sql: "SELECT count(*) FROM record")
    }
    var slowest = Duration.zero
    for _ in 0..<40 {
      let start = ContinuousClock.now
      try await write(1, store)
      slowest = max(slowest, ContinuousClock.now - start)
    }
    #expect(slowest < .seconds(10))
    #expect(logSize > 20 << 20)
    #expect(
      try await reader.writeWithoutTransaction { try Int.fetchOne($0, sql: "SELECT count(*) FROM record") } == 100)
    try await reader.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
    for _ in 0..<150 where logSize > 0 { try await Task.sleep(for: .milliseconds(100)) }
    #expect(logSize == 0)
    #expect(try await store.census().total == 4100)
    await store.close()
  }
}
