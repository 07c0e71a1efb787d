import Foundation
import GRDB
import Storage
import Testing
import Vocabulary

@testable import SQLiteStorage

@Suite("A SQLite store under several writers and on a failing disk")
struct SQLiteWritingTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("store.sqlite")
  }

  private func insert(_ key: String, _ kind: RecordKind = .client, length: Int = 8) -> Batch {
    Batch([
      .insert(RecordKey(kind, key), body: Array(repeating: 1, count: length), expiresAt: nil, indexes: [:])
    ])
  }

  private func commitFailure(_ store: SQLiteStore, _ batch: Batch) async -> StoreFailure? {
    do throws(StoreFailure) { _ = try await store.commit(batch) } catch { return error }
    return nil
  }

  @Test func `another instance's commits are seen by reads and by the feed`() async throws {
    let (server, tool) = (try SQLiteStore(path: path), try SQLiteStore(path: path))
    #expect(try await server.commit(insert("a")) == .committed)
    let last = try await server.list(.changed(afterRevision: 0, limit: 9)).last?.revision ?? 0
    #expect(try await tool.commit(insert("b")) == .committed)
    #expect(try await tool.commit(insert("a")) == .conflict)
    #expect(try server.readNow([RecordKey(.client, "b")])?.first??.version == 1)
    #expect(try await server.list(.changed(afterRevision: last, limit: 9)).map(\.key.key) == ["b"])
  }

  @Test func `two instances writing at once lose nothing`() async throws {
    let stores = [try SQLiteStore(path: path), try SQLiteStore(path: path)]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<16 {
        group.addTask {
          for step in 0..<20 {
            let outcome = try await stores[task % 2].commit(insert("\(task)-\(step)"))
            #expect(outcome == .committed)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await stores[0].list(.all(.client, after: nil, limit: 999)).count == 320)
  }

  @Test func `64 tasks of 50 inserts take far fewer transactions than commits`() async throws {
    let store = try SQLiteStore(path: path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<64 {
        group.addTask {
          for step in 0..<50 {
            let outcome = try await store.commit(insert("\(task)-\(step)"))
            #expect(outcome == .committed)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(store.transactions < 3200 / 4, "\(store.transactions)")
  }

  @Test func `conflicts alone write no transaction`() async throws {
    let store = try SQLiteStore(path: path)
    #expect(try await store.commit(insert("a")) == .committed)
    #expect(try await store.commit(insert("a")) == .conflict)
    #expect(store.transactions == 1)
  }

  @Test func `a full disk fails every batch of the transaction, and nothing of it is there`() async throws {
    let store = try SQLiteStore(path: path)
    #expect(try await store.commit(insert("before")) == .committed)
    try await store.pool.writeWithoutTransaction { database in
      let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
      try database.execute(sql: "PRAGMA max_page_count = \(pages + 4)")
    }
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          let failure = await commitFailure(store, insert("big\(task)", length: 100_000))
          guard case .full = failure else {
            Issue.record("\(failure as Any)")
            return
          }
        }
      }
    }
    #expect(try await store.list(.all(.client, after: nil, limit: 99)).map(\.key.key) == ["before"])
    #expect(try await store.commit(insert("after")) == .committed)
  }

  @Test func `a connection that may not write fails as read-only, and still reads`() async throws {
    let store = try SQLiteStore(path: path)
    #expect(try await store.commit(insert("before")) == .committed)
    try await store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA query_only = 1") }
    let failure = await commitFailure(store, insert("after"))
    guard case .readOnly = failure else {
      Issue.record("\(failure as Any)")
      return
    }
    #expect(
      try await store.read([RecordKey(.client, "before"), RecordKey(.client, "after")]).map { $0 != nil } == [
        true, false,
      ])
  }

  @Test func `the disk is written through`() async throws {
    let store = try SQLiteStore(path: path)
    #expect(try await store.commit(insert("a")) == .committed)
    #expect(try await store.pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
  }

  @Test func `a lock held by another process for too long is unavailable`() async throws {
    let store = try SQLiteStore(path: path)
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: path, configuration: configuration)
    try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    let failure = await commitFailure(store, insert("a"))
    guard case .unavailable = failure else {
      Issue.record("\(failure as Any)")
      return
    }
    try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
    #expect(try await store.commit(insert("a")) == .committed)
  }

  @Test func `a list uses its index`() async throws {
    let store = try SQLiteStore(path: path)
    let plan = try await store.pool.read { database in
      try Row.fetchAll(
        database,
        sql: """
          EXPLAIN QUERY PLAN SELECT body FROM record INDEXED BY record_announced
          WHERE announced = 1 AND revision > 0 ORDER BY revision, kind, key LIMIT 9
          """
      ).map { $0["detail"] as String }.joined()
    }
    #expect(plan.contains("record_announced") && !plan.contains("TEMP B-TREE"), "\(plan)")
  }
}
