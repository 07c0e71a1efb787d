#if PostgreSQL
@testable import PostgreSQLStorage
import Storage
import Testing
import Vocabulary

/// A batch is added up before it is sent: what comes of that must be what comes of its changes one by one.
@Suite("A batch's net changes")
struct NetChangeTests {
  private static let kinds: [RecordKind] = [.client, .grant]

  /// Any change to one of two records, at versions that are often the right ones.
  private func change(_ random: inout SeededGenerator) -> StoredChange {
    let key = RecordKey(Self.kinds[Int(random.next() % 2)], "k")
    let version = Int64(random.next() % 4)
    let body = [UInt8(truncatingIfNeeded: random.next())]
    switch random.next() % 5 {
    case 0: return .insert(key, body: body, expiresAt: nil, indexes: ["a": "\(version)"])
    case 1: return .replace(key, expecting: version, body: body, expiresAt: nil, indexes: [:])
    case 2: return .require(key, at: version)
    case 3: return .close(key, at: Instant(millisecondsSince1970: Int64(random.next() % 100)))
    default: return .remove(key)
    }
  }

  /// What the commit function does, on a dictionary.
  private func apply(_ changes: [NetChange], to records: inout [RecordKey: NetChange.Content]) -> CommitOutcome {
    for change in changes {
      let found = records[change.key]
      switch change.condition {
      case .none: break
      case .absent: if found != nil { return .conflict }
      case .open(let version): if found?.version != version || found?.closedAt != nil { return .conflict }
      }
    }
    for change in changes {
      switch change.effect {
      case .none: break
      case .put(let content): records[change.key] = content
      case .remove: records[change.key] = nil
      case .close(let moment):
        guard var content = records[change.key], content.closedAt == nil else { continue }
        content.closedAt = moment
        content.version += 1
        records[change.key] = content
      }
    }
    return .committed
  }

  @Test(arguments: 0..<20)
  func `five hundred batches of any changes end as they do in memory, one change after the other`(seed: UInt64)
    async throws
  {
    var random = SeededGenerator(state: seed &* 0x9E37_79B9_7F4A_7C15 | 1)
    let model = MemoryStore()
    var records: [RecordKey: NetChange.Content] = [:]
    var committed = 0
    for _ in 0..<500 {
      let batch = Batch((0..<Int(random.next() % 4 + 1)).map { _ in change(&random) })
      let expected = try await model.commit(batch)
      let outcome = (try? NetChange.all(batch)).map { apply($0, to: &records) } ?? .conflict
      #expect(outcome == expected, "\(batch)")
      committed += outcome == .committed ? 1 : 0
      let keys = Self.kinds.map { RecordKey($0, "k") }
      for (key, record) in zip(keys, try await model.read(keys)) {
        #expect(records[key]?.version == record?.version, "\(batch)")
        #expect(records[key]?.closedAt == record?.closedAt, "\(batch)")
        #expect(records[key]?.body == record?.body, "\(batch)")
        #expect(records[key].map(\.indexes) == record.map(\.indexes), "\(batch)")
      }
    }
    #expect(committed > 100)
  }
}

private struct SeededGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
#endif
