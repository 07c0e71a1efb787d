import Foundation
import Storage
import Vocabulary

/// A store, and what only its engine knows.
struct MeasuredStore: Sendable {
  let store: any Store
  /// How many transactions it has written.
  let transactions: @Sendable () -> Int
  /// A read without `async`, where there is one.
  let readNow: (@Sendable ([RecordKey]) throws -> Void)?
}

/// How many a second, with 64 tasks at once.
enum Rates {
  static func measure(_ measured: MeasuredStore, beside: any Store) async throws {
    let store = measured.store
    let body = [UInt8](repeating: 7, count: 400)
    try await time("inserts", measured, 64, 500) { task, step in
      let key = RecordKey(.accessToken, "\(task)-\(step)")
      _ = try await store.commit(Batch([.insert(key, body: body, expiresAt: nil, indexes: [:])]))
    }
    for task in 0..<64 {
      let key = RecordKey(.tokenFamily, "\(task)")
      _ = try await store.commit(Batch([.insert(key, body: body, expiresAt: nil, indexes: [:])]))
    }
    try await time("CAS, each task its own record", measured, 64, 500) { task, step in
      let key = RecordKey(.tokenFamily, "\(task)")
      _ = try await store.commit(
        Batch([.replace(key, expecting: Int64(step + 1), body: body, expiresAt: nil, indexes: [:])]))
    }
    try await time("refreshes (CAS + 2 inserts)", measured, 64, 300) { task, step in
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
    try await time("reads, async", measured, 64, 500) { task, step in
      _ = try await store.read([RecordKey(.accessToken, "\(task)-\(step)")])
    }
    if let readNow = measured.readNow {
      try await time("reads, readNow", measured, 64, 500) { task, step in
        try readNow([RecordKey(.accessToken, "\(task)-\(step)")])
      }
    }
    let slowest = try await withThrowingTaskGroup(of: Duration.self) { group in
      group.addTask {
        try await time("inserts while another writer commits", measured, 64, 2000) { task, step in
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
    _ name: String, _ measured: MeasuredStore, _ tasks: Int, _ steps: Int,
    _ run: @escaping @Sendable (Int, Int) async throws -> Void
  ) async throws {
    let before = measured.transactions()
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
    print("\(name): \(Int(Double(count) / elapsed))/s, \(measured.transactions() - before) transactions for \(count)")
  }
}
