import Foundation
import SQLiteStorage
import Storage
import Testing
import Vocabulary

@Suite("What every engine must do")
struct StoreTests {
  enum Engine: String, CaseIterable {
    case memory, sqlite
  }

  static let moment = Instant(secondsSince1970: 1_800_000_000)

  func path() -> String { FileManager.default.temporaryDirectory.path + "/doorward-\(UUID().uuidString).sqlite" }

  func make(_ engine: Engine) throws -> any Store {
    switch engine {
    case .memory: MemoryStore()
    case .sqlite: try SQLiteStore(path: path())
    }
  }

  func insert(_ kind: RecordKind, _ key: String, expires: Instant? = nil, indexes: [String: String] = [:])
    -> StoredChange
  {
    .insert(RecordKey(kind, key), body: [1], expiresAt: expires, indexes: indexes)
  }

  @Test(arguments: Engine.allCases)
  func `a batch happens whole or not at all`(_ engine: Engine) async throws {
    let store = try make(engine)
    #expect(try await store.commit(Batch([insert(.client, "a")])) == .committed)
    #expect(try await store.commit(Batch([insert(.client, "b"), insert(.client, "a")])) == .conflict)
    #expect(try await store.read([RecordKey(.client, "b")]) == [nil])
  }

  @Test(arguments: Engine.allCases)
  func `of sixteen writers of one version exactly one wins`(_ engine: Engine) async throws {
    let store = try make(engine)
    let key = RecordKey(.tokenFamily, "f")
    _ = try await store.commit(Batch([insert(.tokenFamily, "f")]))
    let wins = try await withThrowingTaskGroup(of: CommitOutcome.self) { group in
      for number in 0..<16 {
        group.addTask {
          try await store.commit(
            Batch([.replace(key, expecting: 1, body: [UInt8(number)], expiresAt: nil, indexes: [:])]))
        }
      }
      return try await group.reduce(0) { $0 + ($1 == .committed ? 1 : 0) }
    }
    #expect(wins == 1)
    #expect(try await store.read([key]).first??.version == 2)
  }

  @Test(arguments: Engine.allCases)
  func `closing is one-way, idempotent and announced`(_ engine: Engine) async throws {
    let store = try make(engine)
    let key = RecordKey(.tokenFamily, "f")
    _ = try await store.commit(Batch([insert(.tokenFamily, "f")]))
    #expect(try await store.list(.changed(afterRevision: 0, limit: 10)).isEmpty)
    for _ in 0..<2 { #expect(try await store.commit(Batch([.close(key, at: Self.moment)])) == .committed) }
    #expect(try await store.read([key]).first??.version == 2)
    #expect(
      try await store.commit(Batch([.replace(key, expecting: 2, body: [], expiresAt: nil, indexes: [:])])) == .conflict)
    #expect(try await store.list(.changed(afterRevision: 0, limit: 10)).map(\.key) == [key])
    #expect(try await store.list(.closed(.tokenFamily, since: Self.moment, after: nil, limit: 10)).map(\.key) == [key])
  }

  @Test(arguments: Engine.allCases)
  func `sweeping removes what is over, in steps, and nothing else`(_ engine: Engine) async throws {
    let store = try make(engine)
    for number in 0..<5 {
      _ = try await store.commit(
        Batch([insert(.accessToken, "t\(number)", expires: Self.moment + Lifetime(clamping: Int64(number)))]))
    }
    _ = try await store.commit(Batch([insert(.accessToken, "kept")]))
    let later = Self.moment + Lifetime(clamping: 3)
    #expect(try await store.sweep(expiredBefore: later, limit: 2) == 2)
    #expect(try await store.sweep(expiredBefore: later, limit: 2) == 1)
    #expect(try await store.list(.all(.accessToken, after: nil, limit: 10)).map(\.key.key) == ["kept", "t3", "t4"])
  }

  @Test(arguments: Engine.allCases)
  func `lists are ordered, paged and indexed`(_ engine: Engine) async throws {
    let store = try make(engine)
    for number in 0..<5 {
      _ = try await store.commit(Batch([insert(.grant, "g\(number)", indexes: ["client": "c\(number % 2)"])]))
    }
    #expect(try await store.list(.all(.grant, after: "g1", limit: 2)).map(\.key.key) == ["g2", "g3"])
    #expect(
      try await store.list(.indexed(.grant, index: "client", value: "c0", after: "g0", limit: 5)).map(\.key.key) == [
        "g2", "g4",
      ])
  }

  @Test func `what was committed is there after reopening, and another process hears of it`() async throws {
    let path = path()
    let store = try SQLiteStore(path: path)
    let other = try SQLiteStore(path: path)
    _ = try await store.commit(Batch([insert(.client, "a")]))
    #expect(try await other.list(.changed(afterRevision: 0, limit: 10)).map(\.key.key) == ["a"])
    await store.close()
    await other.close()
    let reopened = try SQLiteStore(path: path)
    #expect(try await reopened.read([RecordKey(.client, "a")]).first??.body == [1])
  }

  @Test func `waiting batches share a transaction`() async throws {
    let store = try SQLiteStore(path: path())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<64 {
        group.addTask {
          for number in 0..<20 { _ = try await store.commit(Batch([insert(.accessToken, "\(task)-\(number)")])) }
        }
      }
      try await group.waitForAll()
    }
    #expect(store.transactions < 64 * 20 / 2)
    #expect(try await store.list(.all(.accessToken, after: nil, limit: 5000)).count == 64 * 20)
  }

  @Test func `a file that is no database, and a folder that is missing, are refused with words`() throws {
    let text = path()
    try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: text))
    do throws(StoreFailure) {
      _ = try SQLiteStore(path: text)
      Issue.record("it opened")
    } catch {
      if case .damaged(let words) = error {
        #expect(words.contains("restore a backup"))
      } else {
        Issue.record("\(error)")
      }
    }
    do throws(StoreFailure) {
      _ = try SQLiteStore(path: "/nonexistent/folder/x.sqlite")
      Issue.record("it opened")
    } catch {
      #expect(
        error == .unavailable("the folder /nonexistent/folder does not exist; create it, or name another with --data"))
    }
  }

  @Test func `the journal stays bounded, and a flood does not push out security events`() throws {
    let journal = try JournalFile(path: path(), capacity: 100)
    journal.write([(trace: "needle", time: 0, security: true, body: [1])])
    for round in 0..<5 {
      journal.write((0..<100).map { (trace: "t\(round)-\($0)", time: 0, security: false, body: [2]) })
    }
    #expect(try journal.find(trace: "needle") == [1])
    #expect(try journal.find(trace: "t0-0") == nil)
    #expect(try journal.find(trace: "t4-99") == [2])
    #expect(journal.lost == 0)
  }
}
