import Storage
import Vocabulary

/// A store whose every verb waits for its turn.
struct StagedStore: Store {
  let base: MemoryStore
  let stage: Stage

  static let refusal = StoreFailure.unavailable("refused by the exploration")

  func read(_ keys: [RecordKey]) async throws(StoreFailure) -> [StoredRecord?] {
    let way = await way(.read(keys))
    guard way == .done else { throw Self.refusal }
    return try await base.read(keys)
  }

  func list(_ listing: Listing) async throws(StoreFailure) -> [StoredRecord] {
    let way = await way(.list(listing))
    guard way == .done else { throw Self.refusal }
    let found = try await base.list(listing)
    // What is made of it changes memory that others on the node look at, so others may come in between.
    if case .changed = listing, await self.way(.hear) != .done { throw Self.refusal }
    return found
  }

  func commit(_ batch: Batch) async throws(StoreFailure) -> CommitOutcome {
    switch await way(.commit(batch)) {
    case .done: return try await base.commit(batch)
    case .answerLost:
      _ = try await base.commit(batch)
      throw Self.refusal
    case .diesAfter:
      _ = try await base.commit(batch)
      // Nobody gives a dead one a turn.
      _ = await way(.hear)
      throw Self.refusal
    case .refused, .diesBefore: throw Self.refusal
    }
  }

  func sweep(expiredBefore moment: Instant, limit: Int) async throws(StoreFailure) -> Int {
    let way = await way(.sweep)
    guard way == .done else { throw Self.refusal }
    return try await base.sweep(expiredBefore: moment, limit: limit)
  }

  func close() async {}

  private func way(_ verb: Verb) async -> Way {
    guard let operation = Stage.operation else { return .done }
    return await stage.turn(of: operation, for: verb)
  }
}
