import OAuth
public import Storage
import Synchronization
public import Vocabulary

/// Exchanges of codes that were answered with 503 because nobody knew whether the store had made them. Where it had, the
/// exchange is taken back before the code is judged again: its tokens were given to nobody, and whoever follows a 503 and
/// sends the same code again must not be taken for a thief (RFC 6749 §4.1.2).
///
/// This process alone knows what it did not answer. It takes back what it can also without being asked, as soon as the
/// store can be reached; until then another node sees a code that was used, and a second use of it.
///
/// A class, since the endpoints and the upkeep share it; the lock protects the whole state.
public final class UnansweredExchanges: Sendable {
  private struct Exchange: Sendable {
    /// Which request it was, as the code's record says it.
    let trace: TraceID
    let family: FamilyID?
    let until: Instant
  }

  private static let capacity = 10_000
  private static let page = 500
  /// Beyond the code's life: it is refused for its age by then, and its family is still nobody's.
  private static let memory = Lifetime(clamping: 3600)

  /// Of each code all that may be made yet: whoever tries again may be told 503 again.
  private let exchanges = Mutex<[Digest: [Exchange]]>([:])
  /// How many there are, so that an exchange has one number to look at, as long as nothing went wrong.
  private let count = Atomic<Int>(0)

  init() {}

  /// - Parameter changes: what was to be committed; of interest where a code is exchanged.
  func add(_ changes: [Change]) {
    var code: AuthorizationCodeRecord?
    var family: FamilyID?
    for change in changes {
      if case .replaceCode(let used, _) = change { code = used }
      if case .insertFamily(let opened) = change { family = opened.id }
    }
    guard let code, let trace = code.usedBy else { return }
    exchanges.withLock { exchanges in
      // Of all codes together: whoever has one may try it again and again.
      guard count.load(ordering: .relaxed) < Self.capacity else { return }
      exchanges[code.digest, default: []].append(
        Exchange(trace: trace, family: family, until: code.expiresAt + Self.memory))
      count.add(1, ordering: .relaxed)
    }
  }

  /// A code as it is after what was not answered has been taken back: unused, or as it was read.
  func open(
    _ found: Versioned<AuthorizationCodeRecord>?, in store: any Store, now: Instant
  ) async throws(StoreFailure) -> Versioned<AuthorizationCodeRecord>? {
    var found = found
    // A conflict means that it was taken back by somebody else meanwhile.
    while let current = found, count.load(ordering: .relaxed) > 0, try await takeBack(current, in: store, now: now) {
      found = try await store.read(AuthorizationCodeRecord.self, current.record.digest.hexadecimal)
    }
    return found
  }

  /// Takes back whatever can be, and forgets what nobody can send again. What was not made yet may be made still: a call
  /// may be late in the network.
  public func settle(in store: any Store, now: Instant) async throws(StoreFailure) {
    guard count.load(ordering: .relaxed) > 0 else { return }
    defer { forget(before: now) }
    let keys = exchanges.withLock { $0.keys.map { RecordKey(.authorizationCode, $0.hexadecimal) } }
    // Many at once: this goes on for an hour, beside everything else the store has to do.
    for start in stride(from: 0, to: keys.count, by: Self.page) {
      for case let stored? in try await store.read(Array(keys[start..<min(start + Self.page, keys.count)])) {
        // One that is damaged keeps none of the others.
        guard let code = try? stored.decode(AuthorizationCodeRecord.self) else { continue }
        _ = try await takeBack(code, in: store, now: now)
      }
    }
  }

  private func forget(before now: Instant) {
    exchanges.withLock { exchanges in
      exchanges = exchanges.filter { $0.value.contains { $0.until > now } }
      count.store(exchanges.values.reduce(0) { $0 + $1.count }, ordering: .relaxed)
    }
  }

  /// - Returns: whether there was something to take back, so that the code has to be read again.
  private func takeBack(
    _ found: Versioned<AuthorizationCodeRecord>, in store: any Store, now: Instant
  ) async throws(StoreFailure) -> Bool {
    guard let usedBy = found.record.usedBy,
      let exchange = exchanges.withLock({ $0[found.record.digest]?.first { $0.trace == usedBy } })
    else { return false }
    var unused = found.record
    unused.usedAt = nil
    unused.usedBy = nil
    var batch = Batch([unused.replacement(expecting: found.version)])
    if let family = exchange.family { batch.changes.append(.close(RecordKey(.tokenFamily, family.value), at: now)) }
    _ = try await store.commit(batch)
    return true
  }
}
