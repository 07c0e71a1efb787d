import Storage
import Testing

@Suite("A store that is told to fail, in test mode")
struct FaultyStoreTests {
  private let store = FaultyStore(MemoryStore())
  private let listing = Listing.all(.client, after: nil, limit: 1)

  @Test(arguments: FaultyStore.Fault.allCases)
  func `it fails as it was told, and works again`(_ fault: FaultyStore.Fault) async throws {
    store.fail(fault, seconds: 60)
    if fault == .unavailable {
      await #expect(throws: StoreFailure.self) { try await store.list(listing) }
    } else {
      _ = try await store.list(listing)
    }
    do throws(StoreFailure) {
      _ = try await store.commit(Batch())
      Issue.record("it committed")
    } catch {
      switch (fault, error) {
      case (.unavailable, .unavailable), (.readOnly, .readOnly), (.full, .full): break
      default: Issue.record("\(error)")
      }
    }
    store.fail(nil, seconds: 0)
    _ = try await store.commit(Batch())
  }

  @Test func `it works again by itself`() async throws {
    store.fail(.unavailable, seconds: 0)
    _ = try await store.list(listing)
  }
}
