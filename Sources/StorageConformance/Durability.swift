import Storage
import Vocabulary

/// What was answered as committed is there afterwards.
enum Durability {
  static let checks = [
    Check("what was committed is there after reopening, and versions and revisions go on", engine: reopening),
    Check("after closing, every verb throws unavailable", engine: afterClosing),
  ]

  private static func reopening(_ engine: any EngineUnderTest) async throws {
    let first = try await engine.open()
    try await first.put(.new(.client, "a", expires: 5000, indexes: ["x": "1"]), .new(.grant, "g"))
    try await first.put(.change(.client, "a", at: 1, expires: 6000, indexes: ["x": "2"]))
    try await first.put(.end(.grant, "g"))
    let keys = [RecordKey(.client, "a"), RecordKey(.grant, "g")]
    let before = try await first.read(keys)
    await first.close()
    guard engine.isDurable else { return }
    let second = try await engine.open()
    try demand(try await second.read(keys), equals: before, "the records")
    try await second.put(.change(.client, "a", at: 2))
    let after = try await second.one(.client, "a")
    let last = before.compactMap { $0?.revision }.max() ?? 0
    try demand(after?.version, equals: 3, "the version")
    try demand((after?.revision ?? 0) > last, "a revision was given out twice")
    await second.close()
  }

  private static func afterClosing(_ engine: any EngineUnderTest) async throws {
    let store = try await engine.open()
    try await store.put(.new(.client, "a"))
    await store.close()
    await store.close()
    let moment = Instant(millisecondsSince1970: 0)
    try await unavailable("read") { _ = try await store.read([RecordKey(.client, "a")]) }
    try await unavailable("list") { _ = try await store.list(.all(.client, after: nil, limit: 1)) }
    try await unavailable("commit") { _ = try await store.commit(Batch([.new(.client, "b")])) }
    try await unavailable("commit of nothing") { _ = try await store.commit(Batch()) }
    try await unavailable("sweep") { _ = try await store.sweep(expiredBefore: moment, limit: 1) }
  }

  private static func unavailable(_ verb: String, _ run: () async throws -> Void) async throws {
    do { try await run() } catch StoreFailure.unavailable { return }
    throw ConformanceFailure(message: "\(verb) did not throw unavailable", line: #line)
  }
}
