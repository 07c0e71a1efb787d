import Foundation
import SQLiteStorage
import Storage
import Testing

@Suite("The journal's file")
struct JournalFileTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("journal.sqlite")
  }

  private func entries(
    _ numbers: Range<Int>, security: Bool = false
  ) -> [JournalRow] {
    numbers.map {
      JournalRow(
        trace: "\(security ? "s" : "t")\($0)", time: Int64($0), isSecurityEvent: security, body: Array("\($0)".utf8))
    }
  }

  private var size: Int {
    ["", "-wal"].reduce(0) { sum, suffix in
      let attributes = try? FileManager.default.attributesOfItem(atPath: path + suffix)
      return sum + ((attributes?[.size] as? Int) ?? 0)
    }
  }

  @Test func `the file stops growing, and keeps the newest`() throws {
    let journal = try JournalFile(path: path, capacity: 500)
    for round in 0..<4 { journal.write(entries(round * 500..<(round + 1) * 500)) }
    let before = size
    for round in 4..<40 { journal.write(entries(round * 500..<(round + 1) * 500)) }
    #expect(size < before + 5_000_000)
    #expect(try journal.find(trace: "t19999") == Array("19999".utf8))
    #expect(try journal.find(trace: "t19500") != nil)
    #expect(try journal.find(trace: "t19499") == nil)
    #expect(try journal.recent(limit: 10_000).count == 500)
    #expect(try journal.recent(limit: 2).map { String(decoding: $0, as: UTF8.self) } == ["19999", "19998"])
    #expect(journal.lost == 0)
  }

  @Test func `a flood does not push security events out`() throws {
    let journal = try JournalFile(path: path, capacity: 100)
    journal.write(entries(0..<10, security: true))
    for round in 0..<50 { journal.write(entries(round * 100..<(round + 1) * 100)) }
    for number in 0..<10 { #expect(try journal.find(trace: "s\(number)") != nil) }
    journal.write(entries(10..<15, security: true))
    #expect(try journal.find(trace: "s4") == nil)
    #expect(try journal.find(trace: "s5") != nil)
  }

  @Test(arguments: [(300, 100), (100, 300), (300, 7)])
  func `another capacity keeps the newest`(first: Int, second: Int) throws {
    let journal = try JournalFile(path: path, capacity: first)
    journal.write(entries(0..<1000))
    journal.close()
    let again = try JournalFile(path: path, capacity: second)
    let kept = min(first, second)
    #expect(try again.recent(limit: 5000).count == kept)
    #expect(try again.find(trace: "t\(1000 - kept)") != nil)
    again.write(entries(1000..<2000))
    #expect(try again.recent(limit: 5000).count == second)
    #expect(try again.find(trace: "t\(2000 - second)") != nil)
  }

  @Test func `a reader beside the writer reads what was written, and writes nothing`() throws {
    let writer = try JournalFile(path: path)
    writer.write(entries(0..<3))
    let reader = try JournalFile(path: path, readOnly: true)
    writer.write(entries(3..<4))
    #expect(try reader.find(trace: "t3") == Array("3".utf8))
    reader.write(entries(9..<11))
    #expect(reader.lost == 2)
    #expect(try writer.find(trace: "t9") == nil)
  }

  @Test func `after closing, entries are counted as lost and reads are unavailable`() throws {
    let journal = try JournalFile(path: path)
    journal.close()
    journal.write(entries(0..<3))
    #expect(journal.lost == 3)
    #expect(throws: StoreFailure.self) { try journal.find(trace: "t0") }
  }

  @Test func `a missing folder is unavailable, a text file damaged`() throws {
    guard case .unavailable = failure("/nowhere/journal") else {
      Issue.record("another failure, or none")
      return
    }
    guard case .damaged = failure(try folder.write(String(repeating: "text ", count: 500).utf8, to: "text")) else {
      Issue.record("another failure, or none")
      return
    }
  }

  private func failure(_ path: String) -> StoreFailure? {
    do throws(StoreFailure) { _ = try JournalFile(path: path) } catch { return error }
    return nil
  }
}
