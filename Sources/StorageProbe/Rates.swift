import Foundation
import SQLiteStorage
import Storage
import Vocabulary

/// How many a second, with 64 tasks at once.
enum Rates {
  static func measure(_ store: SQLiteStore, path: String) async throws {
    let body = [UInt8](repeating: 7, count: 400)
    try await time("inserts", store, 64, 500) { task, step in
      let key = RecordKey(.accessToken, "\(task)-\(step)")
      _ = try await store.commit(Batch([.insert(key, body: body, expiresAt: nil, indexes: [:])]))
    }
    for task in 0..<64 {
      let key = RecordKey(.tokenFamily, "\(task)")
      _ = try await store.commit(Batch([.insert(key, body: body, expiresAt: nil, indexes: [:])]))
    }
    try await time("CAS, each task its own record", store, 64, 500) { task, step in
      let key = RecordKey(.tokenFamily, "\(task)")
      _ = try await store.commit(
        Batch([.replace(key, expecting: Int64(step + 1), body: body, expiresAt: nil, indexes: [:])]))
    }
    try await time("refreshes (CAS + 2 inserts)", store, 64, 300) { task, step in
      let batch = Batch([
        .replace(
          RecordKey(.tokenFamily, "\(task)"), expecting: Int64(step + 501), body: body, expiresAt: nil, indexes: [:]),
        .insert(
          RecordKey(.refreshToken, "\(task)-\(step)"), body: body, expiresAt: Instant(millisecondsSince1970: 5),
          indexes: [:]),
        .insert(
          RecordKey(.accessToken, "r\(task)-\(step)"), body: body, expiresAt: Instant(millisecondsSince1970: 5),
          indexes: [:]),
      ])
      guard try await store.commit(batch) == .committed else { throw StoreFailure.damaged("conflict") }
    }
    try await time("reads, async", store, 64, 500) { task, step in
      _ = try await store.read([RecordKey(.accessToken, "\(task)-\(step)")])
    }
    try await time("reads, readNow", store, 64, 500) { task, step in
      _ = try store.readNow([RecordKey(.accessToken, "\(task)-\(step)")])
    }
    let beside = try SQLiteStore(path: path)
    let slowest = try await withThrowingTaskGroup(of: Duration.self) { group in
      group.addTask {
        try await time("inserts while another writer commits", store, 64, 2000) { task, step in
          let key = RecordKey(.accessToken, "s\(task)-\(step)")
          _ = try await store.commit(Batch([.insert(key, body: body, expiresAt: nil, indexes: [:])]))
        }
        return .zero
      }
      group.addTask {
        var slowest = Duration.zero
        for step in 0..<20 {
          let start = ContinuousClock.now
          let key = RecordKey(.client, "\(step)")
          _ = try await beside.commit(Batch([.insert(key, body: body, expiresAt: nil, indexes: [:])]))
          slowest = max(slowest, ContinuousClock.now - start)
          try await Task.sleep(for: .milliseconds(20))
        }
        return slowest
      }
      return try await group.reduce(.zero) { max($0, $1) }
    }
    print("the other writer's slowest commit: \(slowest)")
  }

  private static func time(
    _ name: String, _ store: SQLiteStore, _ tasks: Int, _ steps: Int,
    _ run: @escaping @Sendable (Int, Int) async throws -> Void
  ) async throws {
    let before = store.transactions
    let start = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<tasks {
        group.addTask { for step in 0..<steps { try await run(task, step) } }
      }
      try await group.waitForAll()
    }
    let (seconds, fraction) = (ContinuousClock.now - start).components
    let elapsed = Double(seconds) + Double(fraction) / 1e18
    let count = tasks * steps
    print("\(name): \(Int(Double(count) / elapsed))/s, \(store.transactions - before) transactions for \(count)")
  }
}
