import Foundation
import GRDB
import SQLiteStorage
import Storage
import Synchronization
import Testing
import Vocabulary

@Suite("A store copied into another engine")
struct StoreCopyTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Every kind, versions, closings, expiries, indexes; pages that do not fit evenly.
  private func fill(_ store: any Store, perKind: Int = 23) async throws {
    for kind in RecordKind.allCases {
      for index in 0..<perKind {
        let key = RecordKey(kind, "k\(index)")
        let expires = index % 3 == 0 ? Instant(millisecondsSince1970: Int64(index)) : nil
        let insert = StoredChange.insert(
          key, body: [UInt8(index)], expiresAt: expires, indexes: ["subject": "s\(index % 4)"])
        #expect(try await store.commit(Batch([insert])) == .committed)
        if index % 4 == 1 {
          let replace = StoredChange.replace(key, expecting: 1, body: [200], expiresAt: nil, indexes: ["client": "c"])
          #expect(try await store.commit(Batch([replace])) == .committed)
        }
        if index % 5 == 2 {
          let close = StoredChange.close(key, at: Instant(millisecondsSince1970: 77))
          #expect(try await store.commit(Batch([close])) == .committed)
        }
      }
    }
  }

  private func everything(_ store: any StoreExport) async throws -> [StoredRecord] {
    var all: [StoredRecord] = []
    for kind in RecordKind.allCases { all += try await store.list(.all(kind, after: nil, limit: 99_999)) }
    return all + (try await store.list(.changed(afterRevision: 0, limit: 99_999)))
  }

  private func fault(_ copy: StoreCopy, continuing: Bool = false) async -> StoreCopy.Fault? {
    do throws(StoreCopy.Fault) { _ = try await copy.run(continuing: continuing) { _, _ in } } catch { return error }
    return nil
  }

  @Test func `every record of every kind is there afterwards as it was, and the feed tells the same`() async throws {
    let source = try SQLiteStore(path: folder.path("source.sqlite"))
    try await fill(source)
    let before = try await everything(source)
    await source.close()
    let held = try SQLiteFile(path: folder.path("source.sqlite"), .alone)
    let target = try SQLiteStore(path: folder.path("target.sqlite"))
    let last = Mutex((0, 0))
    let report = try await StoreCopy(from: held, to: target, pageSize: 10).run(continuing: false) { done, total in
      last.withLock { $0 = (done, total) }
    }
    #expect(report.found == 0 && report.counts.values.allSatisfy { $0 == 23 })
    #expect(last.withLock { $0 == (23 * RecordKind.allCases.count, 23 * RecordKind.allCases.count) })
    let isEqual = try await everything(target) == before
    #expect(isEqual)
    try target.inspect()
    let memory = MemoryStore()
    let again = try await StoreCopy(from: target, to: memory, pageSize: 7).run(continuing: false) { _, _ in }
    #expect(again.digest == report.digest)
  }

  @Test func `a target with records is refused; a copy that was cut off is gone on with`() async throws {
    let (source, target) = (MemoryStore(), try SQLiteStore(path: folder.path("target.sqlite")))
    try await fill(source)
    let part =
      try await source.list(.all(.grant, after: nil, limit: 9)) + source.list(.all(.consent, after: "k3", limit: 4))
    #expect(try await target.importRecords(part) == .committed)
    let copy = StoreCopy(from: source, to: target, pageSize: 5)
    #expect(await fault(copy) == .targetHasRecords(13))
    let report = try await copy.run(continuing: true) { _, _ in }
    #expect(report.found == 13)
    let isEqual = try await everything(target) == everything(source)
    #expect(isEqual)
  }

  @Test func `a target that is no copy of this source is refused`() async throws {
    let (source, target) = (MemoryStore(), MemoryStore())
    try await fill(source, perKind: 3)
    let stranger = StoredChange.insert(RecordKey(.grant, "k1"), body: [9], expiresAt: nil, indexes: [:])
    #expect(try await target.commit(Batch([stranger])) == .committed)
    #expect(
      await fault(StoreCopy(from: source, to: target), continuing: true) == .targetDiffers(RecordKey(.grant, "k1")))
    let other = MemoryStore()
    let extra = StoredChange.insert(RecordKey(.grant, "more"), body: [9], expiresAt: nil, indexes: [:])
    #expect(try await other.commit(Batch([extra])) == .committed)
    guard case .incomplete = await fault(StoreCopy(from: source, to: other), continuing: true) else {
      Issue.record("a record too many was not noticed")
      return
    }
  }

  @Test func `a source that was written to meanwhile is noticed`() async throws {
    let (source, target) = (MemoryStore(), MemoryStore())
    try await fill(source, perKind: 3)
    let late = StoredChange.close(RecordKey(.grant, "k0"), at: Instant(millisecondsSince1970: 5))
    do throws(StoreCopy.Fault) {
      let busy = BusySource(base: source, late: Batch([late]))
      _ = try await StoreCopy(from: busy, to: target, pageSize: 2).run(continuing: false) { _, _ in }
      Issue.record("nothing was noticed")
    } catch {
      switch error {
      case .sourceChanged, .incomplete: break
      default: Issue.record("\(error)")
      }
    }
  }

  @Test func `a kind of a newer version is refused, not left out`() async throws {
    let path = folder.path("newer.sqlite")
    await (try SQLiteStore(path: path)).close()
    let queue = try DatabaseQueue(path: path)
    try await queue.write {
      try $0.execute(
        sql: """
          INSERT INTO record (kind, key, version, revision, announced, indexed, body) VALUES ('later', 'k', 1, 1, 1, 0, x'')
          """)
    }
    try queue.close()
    let held = try SQLiteFile(path: path, .alone)
    #expect(await fault(StoreCopy(from: held, to: MemoryStore())) == .unknownKinds(["later"]))
  }

  @Test func `a file that somebody has open is not held, and one that is held cannot be opened`() async throws {
    let path = folder.path("used.sqlite")
    let server = try SQLiteStore(path: path)
    do throws(StoreFailure) {
      _ = try SQLiteFile(path: path, .alone)
      Issue.record("it was opened")
    } catch {
      guard case .unavailable(let words) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(words.contains(path) && words.contains("in use") && words.contains("stop the server"))
    }
    await server.close()
    let held = try SQLiteFile(path: path, .alone)
    #expect(throws: StoreFailure.self) { try SQLiteStore(path: path) }
    await held.close()
    await (try SQLiteStore(path: path)).close()
  }
}

/// Somebody writes to it when the copy is half done.
private actor BusySource: StoreExport {
  private let base: MemoryStore
  private let late: Batch
  private var lists = 0

  init(base: MemoryStore, late: Batch) {
    self.base = base
    self.late = late
  }

  func list(_ listing: Listing) async throws(StoreFailure) -> [StoredRecord] {
    lists += 1
    if lists == 25 { _ = try await base.commit(late) }
    return try await base.list(listing)
  }

  func census() async throws(StoreFailure) -> StoreCensus { try await base.census() }
  func close() async {}
}
