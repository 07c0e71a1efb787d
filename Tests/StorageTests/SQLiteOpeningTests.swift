import Foundation
import GRDB
import SQLiteStorage
import Storage
import Testing
import Vocabulary

@Suite("Opening a SQLite store says what is wrong with the file")
struct SQLiteOpeningTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("store.sqlite")
  }

  /// The words of the failure, or nil when there was none.
  private func failure(_ path: String) -> StoreFailure? {
    do throws(StoreFailure) { _ = try SQLiteStore(path: path) } catch { return error }
    return nil
  }

  private func filled() async throws {
    let store = try SQLiteStore(path: path)
    for step in 0..<200 {
      let insert = StoredChange.insert(
        RecordKey(.client, "\(step)"), body: Array(repeating: 1, count: 300), expiresAt: nil, indexes: [:])
      #expect(try await store.commit(Batch([insert])) == .committed)
    }
    await store.close()
  }

  @Test func `a missing folder is unavailable, by its name`() {
    guard case .unavailable(let words) = failure("/nowhere/at/all/store.sqlite") else {
      Issue.record("another failure, or none")
      return
    }
    #expect(words.contains("/nowhere/at/all"))
  }

  @Test func `a folder in the file's place is unavailable`() {
    guard case .unavailable = failure(folder.path("")) else {
      Issue.record("another failure, or none")
      return
    }
  }

  @Test(arguments: [20, 99, 5000])
  func `a text file is damaged, with what to do`(length: Int) throws {
    let text = try folder.write(String(repeating: "a", count: length).utf8, to: "text")
    guard case .damaged(let words) = failure(text) else {
      Issue.record("\(failure(text) as Any)")
      return
    }
    #expect(words.contains("restore a backup") && words.contains(text))
  }

  @Test func `an empty file becomes a store`() throws {
    #expect(failure(try folder.write([], to: "empty")) == nil)
  }

  @Test(arguments: [2, 3, 5])
  func `a file cut short is damaged`(parts: Int) async throws {
    try await filled()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let cut = try folder.write(bytes.prefix(bytes.count / parts), to: "cut")
    guard case .damaged = failure(cut) else {
      Issue.record("\(failure(cut) as Any)")
      return
    }
  }

  @Test func `damage in the middle is found by inspecting, and does not crash a read`() async throws {
    try await filled()
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for index in 4096 * 3..<bytes.count { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
    let damaged = try folder.write(bytes, to: "damaged")
    do throws(StoreFailure) {
      let store = try SQLiteStore(path: damaged)
      #expect(throws: StoreFailure.self) { try store.inspect() }
      _ = try? await store.list(.all(.client, after: nil, limit: 500))
    } catch {
      guard case .damaged = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func `a sound file passes inspection`() async throws {
    try await filled()
    try SQLiteStore(path: path).inspect()
  }

  @Test func `a newer version's file is refused`() async throws {
    try await filled()
    try await DatabaseQueue(path: path).write {
      try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99: later')")
    }
    guard case .damaged(let words) = failure(path) else {
      Issue.record("another failure, or none")
      return
    }
    #expect(words.contains("was written by a newer version"))
  }

  @Test func `another program's database is refused and left alone`() async throws {
    let queue = try DatabaseQueue(path: path)
    try await queue.write { try $0.execute(sql: "CREATE TABLE mine (a)") }
    guard case .damaged(let words) = failure(path) else {
      Issue.record("another failure, or none")
      return
    }
    #expect(words.contains("another program"))
    #expect(try await queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_master") } == 1)
  }

  @Test func `eight openings of a new file at once all succeed`() async throws {
    for round in 0..<5 {
      let path = folder.path("new\(round)")
      await withTaskGroup(of: StoreFailure?.self) { group in
        for _ in 0..<8 { group.addTask { failure(path) } }
        for await failure in group { #expect(failure == nil) }
      }
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everything"))
  func `a file that may not be written is read-only`() async throws {
    try await filled()
    try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
    guard case .readOnly = failure(path) else {
      Issue.record("\(failure(path) as Any)")
      return
    }
  }
}
