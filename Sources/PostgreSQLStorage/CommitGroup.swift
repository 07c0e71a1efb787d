#if PostgreSQL
import Storage
import Vocabulary

/// Batches that one call commits. No two of them are about the same record, unless neither changes it: the server can
/// judge each by the row as it was before the call.
struct CommitGroup: Sendable {
  let waiting: [CommitQueue.Waiting]

  /// Changes in one call: enough to share the disk, few enough that locks are held for milliseconds.
  private static let changesAtOnce = 300
  private static let bytesAtOnce = 4 << 20

  /// Takes from the waiting ones what can go together; the rest stays, in order.
  static func take(_ waiting: inout [CommitQueue.Waiting]) -> CommitGroup {
    guard let first = waiting.first else { return CommitGroup(waiting: []) }
    if first.isAlone {
      waiting.removeFirst()
      return CommitGroup(waiting: [first])
    }
    var taken: [CommitQueue.Waiting] = []
    var left: [CommitQueue.Waiting] = []
    var read: Set<Address> = []
    var written: Set<Address> = []
    var changes = 0
    var bytes = 0
    for candidate in waiting {
      let size = candidate.changes.reduce(0) { $0 + $1.size }
      let isFull = changes + candidate.changes.count > changesAtOnce || bytes + size > bytesAtOnce
      let collides = candidate.changes.contains { change in
        let address = Address(change.key)
        return written.contains(address) || change.writes && read.contains(address)
      }
      guard taken.isEmpty || !(isFull || collides || candidate.isAlone) else {
        left.append(candidate)
        continue
      }
      taken.append(candidate)
      changes += candidate.changes.count
      bytes += size
      for change in candidate.changes {
        let address = Address(change.key)
        read.insert(address)
        if change.writes { written.insert(address) }
      }
    }
    waiting = left
    return CommitGroup(waiting: taken)
  }

  /// The commit function's arrays: one element for each change, in the order in which records are locked.
  var values: [[UInt8]?] {
    let changes = waiting.enumerated().flatMap { index, waiting in
      waiting.changes.map { (batch: Int32(clamping: index), change: $0, address: Address($0.key)) }
    }.sorted { $0.address < $1.address }
    let all = changes.map(\.change)
    let contents = all.map(\.content)
    var indexChanges: [Int32] = []
    var indexes: [(name: String, value: String)] = []
    for (index, content) in contents.enumerated() {
      for (name, value) in content?.indexes ?? [:] {
        indexChanges.append(Int32(clamping: index + 1))
        indexes.append((name, value))
      }
    }
    return [
      BinaryValue.array(changes.map(\.batch)),
      BinaryValue.array(all.map(\.key.kind.rawValue)),
      BinaryValue.array(all.map(\.key.key)),
      BinaryValue.array(all.map(\.conditionNumber)),
      BinaryValue.array(all.map(\.expectedVersion)),
      BinaryValue.array(all.map(\.effectNumber)),
      BinaryValue.array(all.map(\.isAnnounced)),
      BinaryValue.array(contents.map { $0?.version }),
      BinaryValue.array(all.map { $0.closing?.millisecondsSince1970 }),
      BinaryValue.array(contents.map { $0?.expiresAt?.millisecondsSince1970 }),
      BinaryValue.array(contents.map { $0.flatMap { RecordRow.text($0.indexes) } }),
      BinaryValue.array(contents.map { $0?.body }),
      BinaryValue.array(indexChanges),
      BinaryValue.array(indexes.map(\.name)),
      BinaryValue.array(indexes.map(\.value)),
    ]
  }
}

extension NetChange {
  fileprivate var content: Content? {
    guard case .put(let content) = effect else { return nil }
    return content
  }

  fileprivate var closing: Instant? {
    switch effect {
    case .put(let content): content.closedAt
    case .close(let moment): moment
    case .none, .remove: nil
    }
  }

  fileprivate var size: Int { 200 + (content?.body.count ?? 0) }

  fileprivate var conditionNumber: Int32 {
    switch condition {
    case .none: CommitFunction.Condition.none.rawValue
    case .absent: CommitFunction.Condition.absent.rawValue
    case .open: CommitFunction.Condition.openAtVersion.rawValue
    }
  }

  fileprivate var expectedVersion: Int64? {
    guard case .open(let version) = condition else { return nil }
    return version
  }

  fileprivate var effectNumber: Int32 {
    switch effect {
    case .none: CommitFunction.Effect.none.rawValue
    case .put: CommitFunction.Effect.put.rawValue
    case .close: CommitFunction.Effect.close.rawValue
    case .remove: CommitFunction.Effect.remove.rawValue
    }
  }
}
#endif
