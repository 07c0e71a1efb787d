#if PostgreSQL
import Storage
import Vocabulary

/// All that a batch does to one record, as one condition and one effect: what the commit function is given.
///
/// A batch sees its own earlier changes, so they are added up here, one by one, without looking at the database.
struct NetChange: Equatable {
  enum Condition: Equatable {
    case none
    case absent
    case open(at: Int64)
  }

  struct Content: Equatable {
    var version: Int64
    var closedAt: Instant?
    var expiresAt: Instant?
    var indexes: [String: String]
    var body: [UInt8]
  }

  enum Effect: Equatable {
    case none
    case put(Content)
    case close(at: Instant)
    case remove
  }

  let key: RecordKey
  private(set) var condition = Condition.none
  private(set) var effect = Effect.none

  /// It could never be committed, whatever is in the database.
  struct Impossible: Error {}

  init(_ key: RecordKey) { self.key = key }

  var writes: Bool { effect != .none }

  /// Whether other processes are to hear of it.
  var isAnnounced: Bool {
    switch effect {
    case .none, .remove: false
    case .close: true
    case .put(let content): key.kind.isAnnounced || content.closedAt != nil
    }
  }

  /// A batch's net changes, in the order in which records are locked.
  static func all(_ batch: Batch) throws(Impossible) -> [NetChange] {
    if batch.changes.count == 1, let change = batch.changes.first {
      var net = NetChange(change.key)
      try net.add(change)
      return [net]
    }
    var byAddress: [Address: NetChange] = [:]
    for change in batch.changes {
      try byAddress[Address(change.key), default: NetChange(change.key)].add(change)
    }
    return byAddress.sorted { $0.key < $1.key }.map(\.value)
  }

  private mutating func add(_ change: StoredChange) throws(Impossible) {
    switch change {
    case .insert(_, let body, let expires, let indexes):
      try demandAbsent()
      effect = .put(Content(version: 1, closedAt: nil, expiresAt: expires, indexes: indexes, body: body))
    case .replace(_, let version, let body, let expires, let indexes):
      try demandOpen(at: version)
      let (next, overflow) = version.addingReportingOverflow(1)
      if overflow { throw Impossible() }
      effect = .put(Content(version: next, closedAt: nil, expiresAt: expires, indexes: indexes, body: body))
    case .require(_, let version):
      try demandOpen(at: version)
    case .close(_, let moment):
      switch effect {
      case .none: effect = .close(at: moment)
      case .put(var content) where content.closedAt == nil:
        let (next, overflow) = content.version.addingReportingOverflow(1)
        if overflow { throw Impossible() }
        content.closedAt = moment
        content.version = next
        effect = .put(content)
      case .put, .close, .remove: break
      }
    case .remove: effect = .remove
    }
  }

  private mutating func demandAbsent() throws(Impossible) {
    switch (effect, condition) {
    case (.remove, _): return
    // A closing that found nothing changed nothing.
    case (.none, .none), (.close, .none): condition = .absent
    case (.none, _), (.close, _), (.put, _): throw Impossible()
    }
  }

  private mutating func demandOpen(at version: Int64) throws(Impossible) {
    switch (effect, condition) {
    case (.none, .none): condition = .open(at: version)
    case (.none, .open(version)): return
    case (.put(let content), _) where content.closedAt == nil && content.version == version: return
    default: throw Impossible()
    }
  }
}

/// Keys in the order of their bytes, as the database has them.
struct Address: Hashable, Comparable {
  private let kind: String
  private let key: [UInt8]

  init(_ key: RecordKey) {
    kind = key.kind.rawValue
    self.key = Array(key.key.utf8)
  }

  static func < (a: Address, b: Address) -> Bool {
    a.kind == b.kind ? a.key.lexicographicallyPrecedes(b.key) : a.kind < b.kind
  }
}

extension StoredChange {
  var key: RecordKey {
    switch self {
    case .insert(let key, _, _, _), .replace(let key, _, _, _, _), .require(let key, _), .close(let key, _),
      .remove(let key):
      key
    }
  }
}
#endif
