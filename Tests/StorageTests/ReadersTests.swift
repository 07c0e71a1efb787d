import SQLiteStorage
import Storage
import Testing
import Vocabulary

/// There are as many of Swift's threads as cores, and four readers of the file. A reader that is held while its task
/// waits for a thread, and threads that wait for a reader, would wait for each other for ever.
@Suite("Readers of a SQLite store")
struct ReadersTests {
  @Test(.timeLimit(.minutes(1)))
  func `many who list and many who read at the same moment all come to an end`() async throws {
    let folder = try TemporaryFolder()
    let store = try SQLiteStore(path: folder.path("store.sqlite"))
    let keys = (0..<50).map { RecordKey(.session, "\($0)") }
    #expect(
      try await store.commit(Batch(keys.map { .insert($0, body: [1], expiresAt: nil, indexes: ["subject": "a"]) }))
        == .committed)
    let listing = Listing.indexed(.session, index: "subject", value: "a", after: nil, limit: 50)
    let found = try await withThrowingTaskGroup(of: Int.self) { group in
      for task in 0..<64 {
        group.addTask {
          var found = 0
          for round in 0..<40 {
            if (task + round).isMultiple(of: 2) {
              found += try await store.list(listing).count
            } else {
              found += try await store.read(keys).count
            }
          }
          return found
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(found == 64 * 40 * 50)
    await store.close()
  }
}
