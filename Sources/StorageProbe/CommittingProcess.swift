import Foundation
import Storage
import Vocabulary

/// Commits without end from eight tasks; prints a key only after its commit was answered.
enum CommittingProcess {
  static func run(_ store: any Store) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for step in 0... {
            let key = RecordKey(.accessToken, "\(task)-\(step)")
            let batch = Batch([
              .insert(key, body: [1, 2, 3], expiresAt: nil, indexes: [:]),
              .insert(RecordKey(.refreshToken, key.key), body: [4], expiresAt: nil, indexes: [:]),
            ])
            guard try await store.commit(batch) == .committed else { continue }
            FileHandle.standardOutput.write(Data("\(key.key)\n".utf8))
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
