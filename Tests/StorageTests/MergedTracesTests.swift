import GRDB
import SQLiteStorage
import Storage
import Testing

@Suite("The journal finds a refusal that was merged with others")
struct MergedTracesTests {
  private func trace(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 16) }

  private func text(_ number: UInt8) -> String {
    String(repeating: (number < 16 ? "0" : "") + String(number, radix: 16), count: 16)
  }

  @Test func `every trace of a merged record leads to it, and one that was not merged does not`() throws {
    let folder = try TemporaryFolder()
    let journal = try JournalFile(path: folder.path("journal.sqlite"), capacity: 100)
    let merged = (1...40).flatMap { trace(UInt8($0)) }
    journal.write([
      JournalRow(trace: text(40), time: 1, ring: .refusals, body: Array("flood".utf8), merged: merged),
      JournalRow(trace: text(50), time: 2, ring: .security, grant: "g", body: Array("theft".utf8)),
    ])
    for number in [1, 17, 40] as [UInt8] { #expect(try journal.find(trace: text(number)) == Array("flood".utf8)) }
    #expect(try journal.find(trace: text(41)) == nil)
    #expect(try journal.find(trace: text(50)) == Array("theft".utf8))
    #expect(try journal.find(trace: "not a trace") == nil)
  }

  @Test func `records are listed by client and by grant`() throws {
    let folder = try TemporaryFolder()
    let journal = try JournalFile(path: folder.path("journal.sqlite"), capacity: 100)
    journal.write([
      JournalRow(trace: text(1), time: 1, ring: .refusals, client: "a", grant: "g", body: Array("1".utf8)),
      JournalRow(trace: text(2), time: 2, ring: .security, client: "b", grant: "g", body: Array("2".utf8)),
      JournalRow(trace: text(3), time: 3, ring: .refusals, client: "a", body: Array("3".utf8)),
    ])
    func bodies(_ client: String?, _ grant: String?) throws -> [String] {
      try journal.recent(limit: 9, client: client, grant: grant).map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(try bodies("a", nil) == ["3", "1"])
    #expect(try bodies(nil, "g") == ["2", "1"])
    #expect(try bodies("a", "g") == ["1"])
    #expect(try bodies("' OR 1=1", nil) == [])
    #expect(try bodies(nil, nil) == ["3", "2", "1"])
  }

  @Test func `a file of the release before gets the new columns and keeps its records`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("journal.sqlite")
    try OldJournal.write(path)
    let journal = try JournalFile(path: path, capacity: 100)
    #expect(try journal.find(trace: "old") == Array("kept".utf8))
    journal.write([JournalRow(trace: "new", time: 2, ring: .refusals, client: "a", body: [1])])
    #expect(try journal.recent(limit: 9, client: "a") == [[1]])
    #expect(journal.lost == 0)
  }

  @Test func `a file of the release before gets a ring of readings, and what was proven is known`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("journal.sqlite")
    try OldJournal.writeLater(path)
    for _ in 0..<2 {
      let journal = try JournalFile(path: path, capacity: 20)
      #expect(try journal.readings(limit: 9).map { String(decoding: $0, as: UTF8.self) } == [OldJournal.reading])
      #expect(try journal.find(trace: "theft") != nil)
      #expect(try journal.find(trace: "read") == Array(OldJournal.reading.utf8))
      #expect(try journal.recent(limit: 9).count == 3)
      #expect(try journal.recent(limit: 9, provenOf: "a") == [Array(OldJournal.proven.utf8)])
      #expect(try journal.claimed(of: "a") == 1)
      journal.close()
    }
    let journal = try JournalFile(path: path, capacity: 20)
    journal.write([
      JournalRow(trace: "n1", time: 9, ring: .security, body: [1]),
      JournalRow(trace: "n2", time: 9, ring: .security, body: [2]),
    ])
    #expect(journal.lost == 0)
    // The ring holds two: the oldest is gone.
    #expect(try journal.find(trace: "theft") == nil)
    #expect(try journal.find(trace: "n2") == [2])
  }
}

/// The journal's tables as they were before records could be merged, and before readings had a ring of their own.
private enum OldJournal {
  static let reading = #"{"schema":2,"event":"explanation_read"}"#
  static let proven = #"{"client_id":"a","client_state":"proven"}"#

  static func write(_ path: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { database in
      for ring in ["ring", "security"] { try make(ring, "", database) }
      try database.execute(sql: "INSERT INTO ring VALUES (1, 1, 'old', 1, CAST('kept' AS BLOB))")
    }
    try queue.close()
  }

  static func writeLater(_ path: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { database in
      for ring in ["ring", "security"] {
        try make(ring, ", client TEXT, grant_id TEXT, merged BLOB, parent TEXT", database)
      }
      func add(_ ring: String, _ sequence: Int, _ size: Int, _ trace: String, _ body: String, _ client: String?) throws
      {
        try database.execute(
          sql:
            "INSERT INTO \(ring) (slot, sequence, trace, time, body, client) VALUES (?, ?, ?, ?, CAST(? AS BLOB), ?)",
          arguments: [sequence % size, sequence, trace, sequence, body, client])
      }
      try add("ring", 21, 20, "claimed", #"{"client_id":"a","client_state":"claimed"}"#, "a")
      try add("ring", 22, 20, "proven", proven, "a")
      try add("security", 7, 2, "theft", "{}", nil)
      try add("security", 8, 2, "read", reading, nil)
    }
    try queue.close()
  }

  private static func make(_ ring: String, _ more: String, _ database: Database) throws {
    try database.execute(
      sql: """
        CREATE TABLE \(ring) (
          slot INTEGER PRIMARY KEY, sequence INTEGER NOT NULL UNIQUE, trace TEXT NOT NULL, time INTEGER NOT NULL,
          body BLOB NOT NULL\(more)) STRICT
        """)
  }
}
