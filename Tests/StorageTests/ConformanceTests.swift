import Storage
import StorageConformance
import Testing

@Suite("Every engine keeps every promise of the interface")
struct ConformanceTests {
  @Test("conformance", arguments: Engine.allCases, Conformance.checks)
  func check(_ engine: Engine, _ check: Check) async throws {
    try await check.run(try engine.fresh())
  }

  @Test func `a memory store told to fail throws that at every verb, until told otherwise`() async throws {
    let store = MemoryStore()
    await store.fail(with: .full("no space"))
    await #expect(throws: StoreFailure.full("no space")) { try await store.read([]) }
    await #expect(throws: StoreFailure.full("no space")) { try await store.commit(Batch()) }
    await store.fail(with: nil)
    #expect(try await store.commit(Batch()) == .committed)
  }
}
