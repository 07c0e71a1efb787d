#if PostgreSQL
import Foundation
@testable import PostgreSQLStorage
import Storage
import Testing
import Vocabulary

@Suite("Stores on one PostgreSQL database", .serialized, .enabled(if: PostgreSQLServer.shared != nil))
struct PostgreSQLStoreTests {
  private let server: PostgreSQLServer
  private let schema: String

  init() throws {
    server = try #require(PostgreSQLServer.shared)
    schema = server.schema()
  }

  private func open() throws -> PostgreSQLStore { try PostgreSQLStore(server.address, schema: schema) }

  private func sql(_ text: String) throws -> [[String?]] { try Session(server.address).execute(text) }

  private func insert(_ kind: RecordKind, _ key: String, indexes: [String: String] = [:]) -> StoredChange {
    .insert(RecordKey(kind, key), body: [1], expiresAt: nil, indexes: indexes)
  }

  @Test func `two stores hear of each other's commits at once, and read them in an order that misses nothing`()
    async throws
  {
    let (one, other) = (try open(), try open())
    let writing = Task {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<16 {
          group.addTask {
            let store = task % 2 == 0 ? one : other
            for step in 0..<40 {
              // What is not announced goes on beside it, and may be committed before what came first.
              _ = try await store.commit(Batch([insert(.accessToken, "\(task)-\(step)")]))
              _ = try await store.commit(Batch([insert(.client, "\(task)-\(step)"), insert(.user, "\(task)-\(step)")]))
            }
          }
        }
        try await group.waitForAll()
      }
    }
    var seen: Set<String> = []
    var revision: Int64 = 0
    let start = ContinuousClock.now
    while seen.count < 16 * 40 * 2, ContinuousClock.now - start < .seconds(60) {
      let page = try await other.list(.changed(afterRevision: revision, limit: 9))
      // No commit is ever seen in halves.
      #expect(page.count(where: { $0.key.kind == .client }) == page.count(where: { $0.key.kind == .user }))
      for record in page {
        #expect(record.revision > revision || record.revision == page.first?.revision || page.count > 1)
        seen.insert("\(record.key.kind) \(record.key.key)")
      }
      revision = page.last?.revision ?? revision
    }
    try await writing.value
    #expect(seen.count == 16 * 40 * 2)
    await one.close()
    await other.close()
  }

  @Test func `one node at a time has a turn, and the server's time with it`() async throws {
    let (one, other) = (try open(), try open())
    let outcome = try await one.inTurn("work") { time in
      let server = try #require(time)
      #expect(abs(server.seconds(since: Self.now)) < 5)
      #expect(try await !other.inTurn("work") { _ in Issue.record("two at once") })
      #expect(try await !one.inTurn("work") { _ in Issue.record("two at once") })
      // Other work has turns of its own.
      #expect(try await other.inTurn("other work") { _ in })
    }
    #expect(outcome)
    #expect(try await other.inTurn("work") { _ in })
    struct Failure: Error {}
    await #expect(throws: Failure.self) { try await one.inTurn("work") { _ in throw Failure() } }
    #expect(try await other.inTurn("work") { _ in })
    await one.close()
    await other.close()
  }

  @Test func `a server that does not answer in time is not waited for, and a closed store gives no turn`() async throws
  {
    let session = try Session(server.address)
    let start = ContinuousClock.now
    #expect(throws: StoreFailure.self) { try session.execute("SELECT pg_sleep(20)", within: .milliseconds(300)) }
    #expect(ContinuousClock.now - start < .seconds(3))
    #expect(try Session(server.address).execute("SELECT 1; SELECT 2", within: .seconds(5)) == [["2"]])
    let store = try open()
    await store.close()
    await #expect(throws: StoreFailure.self) { try await store.inTurn("work") { _ in Issue.record("it had one") } }
  }

  @Test func `a turn that lasts too long is ended by the server`() async throws {
    let one = try PostgreSQLStore(server.address, schema: schema, statementLimit: 300)
    let other = try open()
    let had = try await one.inTurn("work") { _ in
      let start = ContinuousClock.now
      while try await !other.inTurn("work", { _ in }), ContinuousClock.now - start < .seconds(10) {
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(ContinuousClock.now - start < .seconds(5))
    }
    #expect(had)
    await one.close()
    await other.close()
  }

  private static var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(secondsSince1970: Int64(time.tv_sec))
  }

  @Test func `an announcement arrives at the other store within a second, and after a cut connection too`() async throws
  {
    let (one, other) = (try open(), try open())
    let news = try #require(other.announcements())
    var iterator = news.makeAsyncIterator()
    // The listening connection was made.
    _ = await iterator.next()
    let start = ContinuousClock.now
    _ = try await one.commit(Batch([insert(.client, "a")]))
    _ = await iterator.next()
    #expect(ContinuousClock.now - start < .seconds(1))
    _ = try sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN \(schema)_changes'")
    // Nothing was committed: it is told that something may have been missed.
    _ = await iterator.next()
    #expect(ContinuousClock.now - start < .seconds(5))
    await one.close()
    await other.close()
  }

  @Test func `connections that are cut while commits are on their way lose and double none of them`() async throws {
    let store = try open()
    let cutting = Task {
      for _ in 0..<25 {
        try await Task.sleep(for: .milliseconds(40))
        _ = try sql(
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE application_name = 'doorward' AND pid <> pg_backend_pid() AND query LIKE '%\(schema)%'
          """)
      }
    }
    let end = ContinuousClock.now + .milliseconds(1300)
    let outcomes = try await withThrowingTaskGroup(of: [Int: CommitOutcome].self) { group in
      for task in 0..<16 {
        group.addTask {
          var outcomes: [Int: CommitOutcome] = [:]
          var step = 0
          while ContinuousClock.now < end {
            outcomes[task * 1_000_000 + step] = try await store.commit(
              Batch([insert(.accessToken, "\(task * 1_000_000 + step)"), insert(.client, "\(task)-\(step)")]))
            step += 1
          }
          return outcomes
        }
      }
      return try await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    }
    try await cutting.value
    // Each key is new: a conflict would be a commit that was carried out, and then again.
    #expect(outcomes.values.allSatisfy { $0 == .committed })
    #expect(outcomes.count > 20)
    for (key, _) in outcomes {
      #expect(try await store.read([RecordKey(.accessToken, "\(key)")]).first != .some(nil))
    }
    #expect(try sql("SELECT count(*) FROM \(schema).record")[0][0] == "\(outcomes.count * 2)")
    await store.close()
  }

  @Test func `a call made again is answered with what came of it the first time, and a late one is refused`() throws {
    let session = try Session(server.address)
    try Migrations(schema: schema).apply(session)
    func call(_ number: Int) throws -> String? {
      try session.execute(
        """
        SELECT \(schema).commit_1(7, \(number), 'x', '{0}', '{client}', '{a}', '{1}', '{null}', '{1}', '{t}', '{1}',
          '{null}', '{null}', '{null}', '{x}', '{}', '{}', '{}')
        """)[0][0]
    }
    #expect(try call(1) == "{}")
    #expect(try call(1) == "{}")
    // The record is there by now.
    #expect(try call(2) == "{0}")
    #expect(try call(2) == "{0}")
    #expect(throws: StoreFailure.self) { try call(1) }
  }

  @Test func `one batch with a value that no index can hold fails alone`() async throws {
    let store = try open()
    // Not compressible, and longer than a page's third.
    let value = (0..<6000).map { String(UInt32($0) &* 2_654_435_761, radix: 36) }.joined()
    let results = await withTaskGroup(of: (Int, CommitOutcome?).self) { group in
      for task in 0..<12 {
        group.addTask {
          let indexes = task == 5 ? ["x": value] : ["x": "\(task)"]
          return (task, try? await store.commit(Batch([insert(.grant, "g\(task)", indexes: indexes)])))
        }
      }
      return await group.reduce(into: [Int: CommitOutcome?]()) { $0[$1.0] = $1.1 }
    }
    #expect(results.count == 12)
    for (task, outcome) in results { #expect(outcome == (task == 5 ? nil : .committed), "\(task)") }
    await store.close()
  }

  @Test func `a newer schema that older versions may read is opened, and one they may not is refused`() async throws {
    let store = try open()
    _ = try await store.commit(Batch([insert(.client, "a")]))
    await store.close()
    _ = try sql("INSERT INTO \(schema).migration (number, minimum_reader) VALUES (2, 1)")
    // What a newer version added: a kind this one knows nothing of, in the feed too.
    _ = try sql(
      "INSERT INTO \(schema).record (kind, key, version, revision, announced, body) VALUES ('later', 'k', 1, 99, true, '')"
    )
    let older = try open()
    #expect(try await older.list(.changed(afterRevision: 0, limit: 9)).map(\.key.key) == ["a"])
    await older.close()
    _ = try sql("INSERT INTO \(schema).migration (number, minimum_reader) VALUES (3, 2)")
    #expect { try open() } throws: {
      guard case .damaged(let words) = $0 as? StoreFailure else { return false }
      return words.contains("newer version")
    }
  }

  @Test func `another program's schema is refused and left alone`() throws {
    _ = try sql("CREATE SCHEMA \(schema); CREATE TABLE \(schema).theirs (a integer)")
    #expect { try open() } throws: {
      guard case .damaged(let words) = $0 as? StoreFailure else { return false }
      return words.contains("another program")
    }
    #expect(try sql("SELECT count(*) FROM pg_tables WHERE schemaname = '\(schema)'")[0][0] == "1")
  }

  @Test func `eight openings of a new schema at once all succeed`() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { await (try open()).close() } }
      try await group.waitForAll()
    }
    #expect(try sql("SELECT count(*) FROM \(schema).migration")[0][0] == "1")
  }

  @Test func `a session that is read-only is told so, and reads go on`() async throws {
    await (try open()).close()
    let address = try DatabaseAddress(server.url + "?options=-c%20default_transaction_read_only%3Don")
    let store = try PostgreSQLStore(address, schema: schema)
    await #expect {
      try await store.commit(Batch([insert(.client, "a")]))
    } throws: {
      guard case .readOnly(let words) = $0 as? StoreFailure else { return false }
      return words.contains("standby")
    }
    #expect(try await store.read([RecordKey(.client, "a")]) == [nil])
    await store.close()
  }

  @Test func `two nodes that sweep at once remove each record once, and take no other's locks`() async throws {
    let (one, other) = (try open(), try open())
    for step in 0..<20 {
      _ = try await one.commit(
        Batch(
          (0..<20).map {
            .insert(
              RecordKey(.refreshToken, "\(step)-\($0)"), body: [], expiresAt: Instant(millisecondsSince1970: 1),
              indexes: ["x": "1"])
          }))
    }
    let moment = Instant(millisecondsSince1970: 9)
    let removed = try await withThrowingTaskGroup(of: Int.self) { group in
      for store in [one, other, one, other] {
        group.addTask {
          var sum = 0
          while true {
            let removed = try await store.sweep(expiredBefore: moment, limit: 50)
            sum += removed
            if removed < 50 { return sum }
          }
        }
      }
      return try await group.reduce(0, +)
    }
    let left = try sql("SELECT count(*) FROM \(schema).record")[0][0]
    #expect(removed + (Int(left ?? "") ?? 0) == 400)
    _ = try await one.sweep(expiredBefore: moment, limit: 1000)
    #expect(try sql("SELECT count(*) FROM \(schema).record_index")[0][0] == "0")
    await one.close()
    await other.close()
  }
}
#endif
