public import OAuth
import Synchronization
public import Vocabulary

/// Tokens already verified, remembered by the hash of their bytes, so that the second request costs no signature.
/// What may change while a token lives (revocation, expiry, the client) is never remembered. Bounded: two halves,
/// the older of which is dropped when the younger is full.
public final class VerifiedTokens: Sendable {
  private struct State {
    var generation = 0
    var young: [Digest: AccessTokenFacts] = [:]
    var old: [Digest: AccessTokenFacts] = [:]
  }

  private let state = Mutex(State())
  private let capacity: Int

  public init(capacity: Int = 50_000) { self.capacity = capacity }

  /// - Parameter generation: of the key ring; when it moves, everything is verified anew.
  public func find(_ digest: Digest, generation: Int) -> AccessTokenFacts? {
    state.withLock { state in
      if state.generation != generation {
        state = State(generation: generation)
        return nil
      }
      if let facts = state.young[digest] { return facts }
      guard let facts = state.old.removeValue(forKey: digest) else { return nil }
      insert(digest, facts, &state)
      return facts
    }
  }

  public func remember(_ digest: Digest, _ facts: AccessTokenFacts, generation: Int) {
    state.withLock { state in
      guard state.generation == generation else { return }
      insert(digest, facts, &state)
    }
  }

  private func insert(_ digest: Digest, _ facts: AccessTokenFacts, _ state: inout State) {
    if state.young.count >= capacity / 2 {
      state.old = state.young
      state.young = [:]
    }
    state.young[digest] = facts
  }
}
