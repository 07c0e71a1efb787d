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
        trace: "\(security ? "s" : "t")\($0)", time: Int64($0), ring: security ? .security : .refusals,
        body: Array("\($0)".utf8))
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

  @Test func `the security events of one client push out its own, not another's`() throws {
    let journal = try JournalFile(path: path, capacity: 100)
    func event(_ number: Int, _ client: String) -> JournalRow {
      JournalRow(
        trace: "\(client)\(number)", time: Int64(number), ring: .security, client: client, body: [UInt8(number % 256)])
    }
    journal.write([event(0, "b"), event(1, "b")])
    for number in 2..<500 { journal.write([event(number, "a")]) }
    journal.write((500..<900).map { event($0, "a") })
    #expect(try journal.find(trace: "b0") != nil)
    #expect(try journal.find(trace: "b1") != nil)
    #expect(try journal.find(trace: "a899") != nil)
    #expect(try journal.recent(limit: 100).count == 10)
    #expect(journal.lost == 0)
  }

  @Test func `security events and readings push out none of each other`() throws {
    let journal = try JournalFile(path: path, capacity: 100)
    journal.write([JournalRow(trace: "r", time: 1, ring: .audit, body: [1])])
    journal.write(entries(0..<500, security: true))
    #expect(try journal.find(trace: "r") != nil)
    #expect(try journal.readings(limit: 9) == [[1]])
    journal.write((0..<500).map { JournalRow(trace: "r\($0)", time: 2, ring: .audit, body: [2]) })
    #expect(try journal.find(trace: "s499") != nil)
    #expect(try journal.readings(limit: 100).count == 10)
    #expect(try !journal.recent(limit: 100).contains([2]))
  }

  @Test func `what only names a client hides nothing that was proven to be its own`() throws {
    let journal = try JournalFile(path: path)
    let merged = Array(repeating: UInt8(7), count: 16)
    journal.write([
      JournalRow(
        trace: "own", time: 1, ring: .refusals, client: "a", isProven: true, count: 3, body: [1], merged: merged)
    ])
    journal.write((0..<5_000).map { JournalRow(trace: "x\($0)", time: 2, ring: .refusals, client: "a", body: [2]) })
    journal.write([JournalRow(trace: "many", time: 3, ring: .refusals, client: "a", count: 40, body: [3])])
    #expect(try journal.recent(limit: 10, provenOf: "a") == [[1]])
    #expect(try journal.claimed(of: "a") == 5_040)
    #expect(try journal.find(trace: "own", ofClients: ["b", "a"]) == [1])
    #expect(try journal.find(trace: "own", ofClients: ["b"]) == nil)
    #expect(try journal.find(trace: "many", ofClients: ["a"]) == nil)
    let trace = String(repeating: "07", count: 16)
    #expect(try journal.find(trace: trace, ofClients: ["a"]) == [1])
    #expect(try journal.find(trace: trace, ofClients: ["b"]) == nil)
    #expect(try journal.find(trace: trace) == [1])
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
