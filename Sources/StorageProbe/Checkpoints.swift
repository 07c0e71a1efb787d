import Foundation
import SQLiteStorage
import Storage
import Synchronization
import Vocabulary

/// How long commits take while the log is moved into the file, and how long the log becomes, with readers beside.
enum Checkpoints {
  static func measure(path: String, seconds: Double) async throws {
    let store = try SQLiteStore(path: path)
    let beside = try SQLiteStore(path: path)
    let end = ContinuousClock.now + .seconds(seconds)
    let times = Mutex<[Double]>([])
    let longest = Mutex(0)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          var step = 0
          while ContinuousClock.now < end {
            let start = ContinuousClock.now
            let key = RecordKey(.accessToken, "\(UInt32.random(in: 0...UInt32.max))-\(task)-\(step)")
            let body = [UInt8](repeating: 7, count: 400)
            _ = try await store.commit(Batch([.insert(key, body: body, expiresAt: nil, indexes: ["subject": key.key])]))
            let took = (ContinuousClock.now - start).components
            times.withLock { $0.append(Double(took.seconds) * 1000 + Double(took.attoseconds) / 1e15) }
            step += 1
          }
        }
      }
      for _ in 0..<2 {
        group.addTask {
          while ContinuousClock.now < end {
            // A list of many is one reading: it keeps its part of the log as long as it takes.
            _ = try await beside.list(.all(.accessToken, after: nil, limit: 20_000))
            _ = try await store.list(.all(.accessToken, after: "8", limit: 50))
          }
        }
      }
      group.addTask {
        while ContinuousClock.now < end {
          let size = try? FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
          longest.withLock { $0 = max($0, (size ?? 0) ?? 0) }
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      try await group.waitForAll()
    }
    let sorted = times.withLock { $0.sorted() }
    func at(_ part: Double) -> String { String(format: "%.2f", sorted[Int(Double(sorted.count - 1) * part)]) }
    print(
      "\(sorted.count) commits; milliseconds: p50 \(at(0.5)), p99 \(at(0.99)), p99.9 \(at(0.999)), longest \(at(1));",
      "the log was \(longest.withLock { $0 } >> 20) MiB at most")
    await beside.close()
    await store.close()
  }
}
