import Foundation
import GRDB
import SQLiteStorage
import Storage
import Testing
import Vocabulary

@Suite("A SQLite file of an older or newer version")
struct SQLiteSchemaTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("store.sqlite")
  }

  /// As version 1 made it, by hand, with what such a version may hold.
  private func makeVersion1(_ mark: Int = 0x446F_6F72) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA journal_mode = WAL")
      try database.execute(
        sql: """
          CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
          INSERT INTO grdb_migrations VALUES ('1: records');
          PRAGMA application_id = \(mark);
          CREATE TABLE record (
            kind TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, revision INTEGER NOT NULL,
            announced INTEGER NOT NULL, indexed INTEGER NOT NULL, closed INTEGER, expires INTEGER, body BLOB NOT NULL,
            PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;
          CREATE INDEX record_expires ON record (expires) WHERE expires IS NOT NULL;
          CREATE INDEX record_announced ON record (revision, kind, key) WHERE announced = 1;
          CREATE INDEX record_closed ON record (kind, key, closed) WHERE closed IS NOT NULL;
          CREATE TABLE record_index (
            kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, key TEXT NOT NULL,
            PRIMARY KEY (kind, name, value, key)) STRICT, WITHOUT ROWID;
          CREATE INDEX record_index_key ON record_index (kind, key);
          CREATE TABLE store (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL) STRICT;
          INSERT INTO store VALUES (1, 41);
          INSERT INTO record VALUES ('client', 'c', 3, 40, 1, 0, NULL, NULL, x'7B7D');
          INSERT INTO record VALUES ('grant', 'g', 2, 41, 1, 1, 777, 9000, x'00FF');
          INSERT INTO record_index VALUES ('grant', 'subject', 's', 'g'), ('grant', 'client', 'c', 'g');
          """)
      for index in 0..<2500 {
        try database.execute(
          sql: "INSERT INTO record VALUES ('access_token', ?, 1, 7, 0, 0, NULL, NULL, ?)",
          arguments: ["t\(index)", Data(repeating: UInt8(index % 256), count: 50)])
      }
    }
    try queue.close()
  }

  private func failure(_ path: String) -> String? {
    do throws(StoreFailure) { _ = try SQLiteStore(path: path) } catch {
      switch error {
      case .damaged(let words), .unavailable(let words), .readOnly(let words), .full(let words): return words
      }
    }
    return nil
  }

  private func execute(_ sql: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    try queue.close()
  }

  @Test func `a file of version 1 is migrated, and everything in it is kept`() async throws {
    try makeVersion1()
    let store = try SQLiteStore(path: path)
    try store.inspect()
    let schema = try await store.schema()
    #expect(schema.version == 2 && schema.minimumReader == 2 && schema.pending.isEmpty)
    let found = try await store.read([RecordKey(.client, "c"), RecordKey(.grant, "g")])
    #expect(
      found == [
        StoredRecord(
          key: RecordKey(.client, "c"), version: 3, revision: 40, closedAt: nil, expiresAt: nil, indexes: [:],
          body: Array("{}".utf8)),
        StoredRecord(
          key: RecordKey(.grant, "g"), version: 2, revision: 41, closedAt: Instant(millisecondsSince1970: 777),
          expiresAt: Instant(millisecondsSince1970: 9000), indexes: ["subject": "s", "client": "c"], body: [0, 255]),
      ])
    #expect(try await store.census().counts == ["client": 1, "grant": 1, "access_token": 2500])
    let key = RecordKey(.client, "c")
    let change = StoredChange.replace(key, expecting: 3, body: [1], expiresAt: nil, indexes: [:])
    #expect(try await store.commit(Batch([change])) == .committed)
    #expect(try await store.read([key])[0]?.revision == 42)
    await store.close()
    #expect(failure(path) == nil)
  }

  @Test func `a file of version 1 that its server has open is left alone`() async throws {
    try makeVersion1()
    let server = try DatabasePool(path: path)
    let words = try #require(failure(path))
    #expect(words.contains(path) && words.contains("older version") && words.contains("stop the older server"))
    #expect(try await server.read { try $0.columns(in: "record").contains { $0.name == "checksum" } } == false)
    try server.close()
    #expect(failure(path) == nil)
  }

  @Test func `of several that open a file of version 1 at once, one migrates it`() async throws {
    try makeVersion1()
    await withTaskGroup(of: String?.self) { group in
      for _ in 0..<4 { group.addTask { failure(path) } }
      // Who came in the middle of it is told to try again; nobody finds half of it.
      for await words in group where words != nil { #expect(words?.contains(path) ?? false, "\(words ?? "")") }
    }
    let store = try SQLiteStore(path: path, inspection: .whole(upTo: .max))
    #expect(try await store.census().total == 2502)
    await store.close()
  }

  @Test func `a damaged file of version 1 is not migrated`() async throws {
    try makeVersion1()
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for index in bytes.count / 2..<bytes.count / 2 + 4096 { bytes[index] = 0 }
    try bytes.write(to: URL(fileURLWithPath: path))
    let words = try #require(failure(path))
    #expect(words.contains("restore a backup"))
    let queue = try DatabaseQueue(path: path)
    #expect(try await queue.read { try $0.tableExists("schema_version") } == false)
  }

  @Test func `a newer schema that wants a newer program is refused, with all three numbers`() throws {
    try SQLiteStore(path: path).inspect()
    try execute(
      "INSERT INTO grdb_migrations VALUES ('5: later'); UPDATE schema_version SET version = 5, minimum_reader = 4")
    let words = try #require(failure(path))
    #expect(
      words.contains(path) && words.contains("its schema is 5") && words.contains("knows 4")
        && words.contains("this one knows 2") && words.contains("restore a backup"))
  }

  @Test func `a newer schema that declares this version able to use it is used, and not changed`() async throws {
    let first = try SQLiteStore(path: path)
    let insert = StoredChange.insert(RecordKey(.client, "a"), body: [1], expiresAt: nil, indexes: ["x": "y"])
    #expect(try await first.commit(Batch([insert])) == .committed)
    await first.close()
    try execute(
      """
      INSERT INTO grdb_migrations VALUES ('3: later');
      UPDATE schema_version SET version = 3, minimum_reader = 2;
      CREATE TABLE later (a);
      ALTER TABLE record ADD COLUMN later TEXT;
      INSERT INTO record VALUES ('kind_of_later', 'k', 1, 1, 1, 0, NULL, NULL, x'', 0, 'x');
      """)
    let store = try SQLiteStore(path: path, inspection: .whole(upTo: .max))
    #expect(try await store.schema().isUsable)
    #expect(try await store.list(.changed(afterRevision: 0, limit: 9)).map(\.key.key) == ["a"])
    let more = StoredChange.insert(RecordKey(.client, "b"), body: [2], expiresAt: nil, indexes: [:])
    #expect(try await store.commit(Batch([more])) == .committed)
    #expect(try await store.schema().version == 3)
    #expect(try await store.census().unknownKinds == ["kind_of_later"])
    await store.close()
  }

  @Test(arguments: [
    "DROP INDEX record_announced", "DROP TABLE record_index", "DROP TABLE store", "DROP TABLE grdb_migrations",
    "DELETE FROM schema_version", "DROP INDEX record_closed",
  ])
  func `a table or an index that is missing is found`(sql: String) throws {
    try SQLiteStore(path: path).inspect()
    try execute(sql)
    let words = try #require(failure(path))
    #expect(words.contains(path) && words.contains("restore a backup"), "\(words)")
  }

  @Test func `a store without its revision is found`() throws {
    try SQLiteStore(path: path).inspect()
    try execute("DELETE FROM store")
    #expect(throws: StoreFailure.self) { try SQLiteStore(path: path, inspection: .whole(upTo: .max)) }
  }
}
