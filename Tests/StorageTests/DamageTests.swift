import Foundation
import GRDB
import SQLiteStorage
import Storage
import Testing
import Vocabulary

/// The same numbers in every run, so that a failure can be looked at.
private struct Numbers: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

@Suite("Damage: a store refuses, or its answers are true")
struct DamageTests {
  private let folder: TemporaryFolder
  private let path: String
  private static let moment = Instant(millisecondsSince1970: 0)

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("store.sqlite")
  }

  /// All that can be asked of a store.
  private struct Answers: Equatable {
    var records: [StoredRecord?] = []
    var lists: [[StoredRecord]] = []
  }

  private static let keys = RecordKind.allCases.flatMap { kind in (0..<12).map { RecordKey(kind, "key-\($0)") } }

  private static func ask(_ store: SQLiteStore) async throws -> Answers {
    var answers = Answers(records: try await store.read(keys))
    for kind in RecordKind.allCases {
      answers.lists.append(try await store.list(.all(kind, after: nil, limit: 999)))
      answers.lists.append(
        try await store.list(.indexed(kind, index: "subject", value: "s1", after: nil, limit: 999)))
      answers.lists.append(try await store.list(.closed(kind, since: moment, after: nil, limit: 999)))
    }
    answers.lists.append(try await store.list(.changed(afterRevision: 0, limit: 9999)))
    return answers
  }

  /// Records of every kind, indexed, closed, expiring; some removed, so that there are free pages.
  private func fill(_ store: SQLiteStore) async throws {
    for (index, key) in Self.keys.enumerated() {
      let insert = StoredChange.insert(
        key, body: [UInt8](repeating: UInt8(index), count: 300),
        expiresAt: index % 3 == 0 ? nil : Instant(millisecondsSince1970: Int64(index) * 1000),
        indexes: index % 2 == 0 ? ["subject": "s\(index % 5)", "client": "c"] : [:])
      var batch = Batch([insert])
      if index % 8 == 0 {
        let big = RecordKey(.session, "big-\(index)")
        batch.changes.append(.insert(big, body: [UInt8](repeating: 7, count: 900), expiresAt: nil, indexes: [:]))
      }
      #expect(try await store.commit(batch) == .committed)
    }
    for (index, key) in Self.keys.enumerated() {
      var batch = Batch([.remove(RecordKey(.session, "big-\(index)"))])
      if index % 4 == 0 { batch.changes.append(.close(key, at: Instant(millisecondsSince1970: 5000))) }
      if index % 11 == 0 { batch.changes.append(.remove(key)) }
      #expect(try await store.commit(batch) == .committed)
    }
  }

  private func damage(_ bytes: inout Data, _ numbers: inout Numbers) -> String {
    let page = 4096
    let pages = bytes.count / page
    switch Int.random(in: 0..<7, using: &numbers) {
    case 0:
      let place = Int.random(in: 0..<bytes.count, using: &numbers)
      bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
      return "bit at \(place)"
    case 1:
      let place = Int.random(in: 0..<bytes.count - 16, using: &numbers)
      for index in place..<place + 16 { bytes[index] = UInt8.random(in: 0...255, using: &numbers) }
      return "16 bytes at \(place)"
    case 2:
      let place = Int.random(in: 0..<pages, using: &numbers) * page
      for index in place..<place + page { bytes[index] = 0 }
      return "zeros at \(place)"
    case 3:
      let length = Int.random(in: 1..<bytes.count, using: &numbers)
      bytes = bytes.prefix(length)
      return "cut to \(length)"
    case 4:
      let (from, to) = (Int.random(in: 0..<pages, using: &numbers), Int.random(in: 0..<pages, using: &numbers))
      bytes.replaceSubrange(to * page..<(to + 1) * page, with: Data(bytes[from * page..<(from + 1) * page]))
      return "page \(from) over \(to)"
    case 5:
      // The first hundred bytes, and the heads of pages: where one byte says most.
      let place = Int.random(in: 0..<pages, using: &numbers) * page + Int.random(in: 0..<100, using: &numbers)
      bytes[place] = UInt8.random(in: 0...255, using: &numbers)
      return "byte at \(place)"
    default:
      let place = Int.random(in: 0..<bytes.count - 512, using: &numbers)
      for index in place..<place + 512 { bytes[index] = 0xFF }
      return "a sector at \(place)"
    }
  }

  /// `nil` when the damaged file is refused, with words that help.
  private func open(_ path: String, _ what: String) -> SQLiteStore? {
    do throws(StoreFailure) { return try SQLiteStore(path: path, inspection: .whole(upTo: .max)) } catch {
      switch error {
      case .damaged(let words):
        #expect(words.contains(path) && words.contains("restore a backup"), "\(what): \(words)")
      case .unavailable(let words), .readOnly(let words), .full(let words):
        Issue.record("\(what): \(words)")
      }
      return nil
    }
  }

  @Test func `random damage to the file is refused, or every answer is the true one`() async throws {
    let store = try SQLiteStore(path: path)
    try await fill(store)
    let truth = try await Self.ask(store)
    await store.close()
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    var (refused, harmless) = (0, 0)
    for seed in 0..<150 {
      var numbers = Numbers(state: UInt64(seed))
      var bytes = whole
      let what = damage(&bytes, &numbers)
      let damaged = folder.path("damaged\(seed).sqlite")
      try bytes.write(to: URL(fileURLWithPath: damaged))
      guard let store = open(damaged, "\(seed): \(what)") else {
        refused += 1
        continue
      }
      harmless += 1
      let isTrue = try await Self.ask(store) == truth
      #expect(isTrue, "\(seed): \(what)")
      await store.close()
    }
    print("damage: \(refused) refused, \(harmless) harmless")
    #expect(refused > 75)
  }

  /// Without looking through the file, as a command does: nothing untrue is answered about a record that is found.
  @Test func `what a damaged file still answers is true, record by record`() async throws {
    let store = try SQLiteStore(path: path)
    try await fill(store)
    let truth = try await Self.ask(store)
    await store.close()
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for seed in 1000..<1150 {
      var numbers = Numbers(state: UInt64(seed))
      var bytes = whole
      let what = damage(&bytes, &numbers)
      let damaged = folder.path("damaged\(seed).sqlite")
      try bytes.write(to: URL(fileURLWithPath: damaged))
      guard let store = try? SQLiteStore(path: damaged) else { continue }
      for (key, known) in zip(Self.keys, truth.records) {
        guard let found = try? store.readNow([key])?.first ?? nil else { continue }
        let isTrue = found == known
        #expect(isTrue, "\(seed): \(what)")
      }
      await store.close()
    }
  }

  @Test func `damage in the log is refused, or costs the last commit at most`() async throws {
    let store = try SQLiteStore(path: path)
    try await fill(store)
    await store.close()
    let writer = try SQLiteStore(path: path)
    var states = [try await Self.ask(writer)]
    for index in 0..<40 {
      let insert = StoredChange.insert(Self.keys[0].renamed("n\(index)"), body: [9], expiresAt: nil, indexes: [:])
      #expect(try await writer.commit(Batch([insert])) == .committed)
      states.append(try await Self.ask(writer))
    }
    let file = try Data(contentsOf: URL(fileURLWithPath: path))
    let log = try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
    await writer.close()
    var (refused, lastLost, harmless) = (0, 0, 0)
    for seed in 0..<80 {
      var numbers = Numbers(state: UInt64(seed) &+ 77)
      var bytes = log
      let place = seed < 32 ? seed : Int.random(in: 0..<bytes.count, using: &numbers)
      bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
      let damaged = folder.path("log\(seed).sqlite")
      try file.write(to: URL(fileURLWithPath: damaged))
      try bytes.write(to: URL(fileURLWithPath: damaged + "-wal"))
      guard let store = open(damaged, "bit at \(place) of the log") else {
        refused += 1
        continue
      }
      let answers = try await Self.ask(store)
      if answers == states.last { harmless += 1 } else { lastLost += 1 }
      let isLastAtMost = states.suffix(2).contains(answers)
      #expect(isLastAtMost, "bit at \(place) of \(log.count)")
      await store.close()
    }
    print("damaged logs: \(refused) refused, \(lastLost) lost their last commit, \(harmless) harmless")
    #expect(refused > 60)
  }

  /// As in a file too large to be looked through before the first answer.
  @Test func `damage found beside the work ends it`() async throws {
    let store = try SQLiteStore(path: path)
    try await fill(store)
    await store.close()
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let body = try #require(bytes.range(of: Data(repeating: 100, count: 300)))
    bytes[body.lowerBound + 150] = 99
    try bytes.write(to: URL(fileURLWithPath: path))
    let damaged = try SQLiteStore(path: path, inspection: .whole(upTo: 0))
    var words: String?
    for _ in 0..<200 where words == nil {
      do throws(StoreFailure) { _ = try await damaged.read([RecordKey(.client, "key-1")]) } catch {
        if case .damaged(let found) = error { words = found }
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    let found = try #require(words)
    #expect(found.contains(path) && found.contains("restore a backup"))
    await #expect(throws: StoreFailure.damaged(found)) { try await damaged.commit(Batch()) }
    await damaged.close()
  }

  @Test func `the log of another store is refused`() async throws {
    for commits in [1, 5, 60] {
      let mine = folder.path("mine\(commits).sqlite")
      let other = folder.path("other\(commits).sqlite")
      for path in [mine, other] {
        let store = try SQLiteStore(path: path)
        try await fill(store)
        await store.close()
      }
      let store = try SQLiteStore(path: other)
      for index in 0..<commits {
        let key = RecordKey(.refreshToken, "other-\(index)")
        let insert = StoredChange.insert(key, body: [UInt8](repeating: 3, count: 600), expiresAt: nil, indexes: [:])
        #expect(try await store.commit(Batch([insert])) == .committed)
      }
      try Data(contentsOf: URL(fileURLWithPath: other + "-wal")).write(to: URL(fileURLWithPath: mine + "-wal"))
      await store.close()
      #expect(open(mine, "the log of another store") == nil)
    }
  }
}

extension RecordKey {
  fileprivate func renamed(_ key: String) -> RecordKey { RecordKey(kind, key) }
}
