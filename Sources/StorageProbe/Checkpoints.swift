import Foundation
import SQLiteStorage
import Storage
import Synchronization
import Vocabulary

/// How long commits take while the log is moved into the file, and how long the log becomes, with readers beside.
enum Checkpoints {
  /// What the tasks saw; a class, because they share it.
  private final class Seen: Sendable {
    let milliseconds = Mutex<[Double]>([])
    let longestLog = Mutex(0)
  }

  static func measure(path: String, seconds: Double) async throws {
    let store = try SQLiteStore(path: path)
    let beside = try SQLiteStore(path: path)
    let end = ContinuousClock.now + .seconds(seconds)
    let seen = Seen()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 { group.addTask { try await commit(store, task, end, seen) } }
      for _ in 0..<2 {
        group.addTask {
          while ContinuousClock.now < end {
            // A list of many is one reading: it keeps its part of the log as long as it takes.
            _ = try await beside.list(.all(.accessToken, after: nil, limit: 300))
            _ = try await store.list(.all(.accessToken, after: "8", limit: 50))
          }
        }
      }
      group.addTask {
        while ContinuousClock.now < end {
          let attributes = try? FileManager.default.attributesOfItem(atPath: path + "-wal")
          let size = attributes?[.size] as? Int ?? 0
          seen.longestLog.withLock { $0 = max($0, size) }
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      try await group.waitForAll()
    }
    let sorted = seen.milliseconds.withLock { $0.sorted() }
    func at(_ part: Double) -> String { String(format: "%.2f", sorted[Int(Double(sorted.count - 1) * part)]) }
    print(
      "\(sorted.count) commits; milliseconds: p50 \(at(0.5)), p99 \(at(0.99)), p99.9 \(at(0.999)), longest \(at(1));",
      "the log was \(seen.longestLog.withLock { $0 } >> 20) MiB at most")
    await beside.close()
    await store.close()
  }

  private static func commit(
    _ store: SQLiteStore, _ task: Int, _ end: ContinuousClock.Instant, _ seen: Seen
  ) async throws {
    let body = [UInt8](repeating: 7, count: 400)
    while ContinuousClock.now < end {
      let start = ContinuousClock.now
      let key = RecordKey(.accessToken, "\(UInt64.random(in: 0...UInt64.max))-\(task)")
      _ = try await store.commit(Batch([.insert(key, body: body, expiresAt: nil, indexes: ["subject": key.key])]))
      let took = (ContinuousClock.now - start).components
      seen.milliseconds.withLock { $0.append(Double(took.seconds) * 1000 + Double(took.attoseconds) / 1e15) }
    }
  }
}
