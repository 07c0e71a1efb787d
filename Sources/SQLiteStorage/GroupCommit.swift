import Dispatch
import Foundation
import GRDB
import Storage
import Synchronization

/// One writer for all: whoever commits while a transaction is being written waits for the next one, which takes
/// every waiting batch. Each batch of several changes is a savepoint, so a conflict undoes nothing of the others;
/// each is answered only when the whole transaction is on disk. When that fails, nothing of it was applied.
///
/// A class, because it owns the queue of waiting batches; the lock protects that queue and nothing else. The disk is
/// waited for on a dispatch queue, so that no thread of Swift's own pool is held up.
final class GroupCommit: Sendable {
  private struct Waiting {
    let batch: Batch
    let answer: CheckedContinuation<Result<CommitOutcome, StoreFailure>, Never>
  }

  private struct State {
    var waiting: [Waiting] = []
    var isWriting = false
    var isClosed = false
    var transactions = 0
    /// How many batches the last transaction took: whether others are about.
    var lastGroup = 0
    /// How many come together before the disk is asked.
    var usualGroup = 1
    var turns = 0
  }

  private let pool: DatabasePool
  private let path: String
  private let state = Mutex(State())
  private let queue: DispatchQueue
  private let checkpointer: Checkpointer

  init(pool: DatabasePool, path: String) {
    self.pool = pool
    self.path = path
    queue = DispatchQueue(label: "doorward.sqlite.writer")
    checkpointer = Checkpointer(path: path, turns: queue)
  }

  var transactions: Int { state.withLock { $0.transactions } }

  func commit(_ batch: Batch) async throws(StoreFailure) -> CommitOutcome {
    let result = await withCheckedContinuation { continuation in
      let starts = state.withLock { state in
        state.waiting.append(Waiting(batch: batch, answer: continuation))
        defer { state.isWriting = true }
        return !state.isWriting
      }
      if starts { queue.async { self.writeAllWaiting() } }
    }
    return try result.get()
  }

  /// Does other writing work in turn with the commits: the database has one writer at a time anyway.
  func perform<Value: Sendable>(
    _ work: @escaping @Sendable (DatabasePool) throws -> Value
  ) async throws(StoreFailure) -> Value {
    let result: Result<Value, StoreFailure> = await withCheckedContinuation { continuation in
      queue.async {
        do {
          if self.isClosed { throw StoreFailure.closed }
          continuation.resume(returning: .success(try work(self.pool)))
        } catch {
          continuation.resume(returning: .failure(StoreFailure(error, path: self.path)))
        }
      }
    }
    return try result.get()
  }

  /// In turn with the commits: those already waiting are answered first. A closed connection is never touched
  /// again, since SQLite would read freed memory.
  func close() async {
    await withCheckedContinuation { continuation in
      queue.async {
        if !self.isClosed {
          self.state.withLock { $0.isClosed = true }
          self.checkpointer.close()
          // GRDB closes a reader last, which may not write: without this the log would stay beside the file.
          _ = try? self.pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
          // A connection that cannot be closed now is closed with its last reference.
          try? self.pool.close()
        }
        continuation.resume()
      }
    }
  }

  private var isClosed: Bool { state.withLock { $0.isClosed } }

  /// A transaction was written.
  func count(changes: Int) {
    state.withLock { $0.transactions += 1 }
    checkpointer.noteCommit(changes: changes)
  }

  /// One group a turn, so that `perform` gets its turn too.
  private func writeAllWaiting() {
    gather()
    let group = state.withLock { state in
      defer { state.waiting = [] }
      state.isWriting = !state.waiting.isEmpty
      state.lastGroup = state.waiting.count
      return state.waiting
    }
    if group.isEmpty { return }
    do {
      if isClosed { throw StoreFailure.closed }
      let outcomes = try write(group.map(\.batch))
      for (waiting, outcome) in zip(group, outcomes) { waiting.answer.resume(returning: .success(outcome)) }
    } catch {
      let failure = StoreFailure(error, path: path)
      for waiting in group { waiting.answer.resume(returning: .failure(failure)) }
    }
    queue.async { self.writeAllWaiting() }
  }

  /// While several commit at once, waits until as many are there as usual: on a disk that answers in a tenth of a
  /// millisecond each of them would otherwise get a transaction of its own, and nobody's work stands still meanwhile.
  /// How many are usual is found out by waiting for more now and then. Who is alone waits once, after a rush,
  /// and then no more.
  private func gather() {
    let (wanted, isTrial) = state.withLock { state in
      state.turns &+= 1
      let isTrial = state.lastGroup > 1 && state.turns.isMultiple(of: 32)
      return (isTrial ? Self.fullGroup : state.usualGroup, isTrial)
    }
    var count = state.withLock { $0.waiting.count }
    var looks = 0
    while count > 0, count < wanted, looks < Self.looks {
      usleep(100)
      count = state.withLock { $0.waiting.count }
      looks += 1
    }
    if isTrial || looks == Self.looks { state.withLock { $0.usualGroup = max(1, min(count, Self.fullGroup)) } }
  }

  /// A few milliseconds at most: as long as it takes one core to decide as many refreshes as make a full group.
  private static let looks = 30

  /// More in one transaction would hardly make an answer cheaper.
  private static let fullGroup = 16

  private func write(_ batches: [Batch]) throws -> [CommitOutcome] {
    var outcomes: [CommitOutcome] = []
    try pool.writeWithoutTransaction { database in
      try database.inTransaction(.immediate) {
        outcomes = try Self.apply(batches, database)
        // Conflicts alone leave nothing behind, and cost the disk nothing.
        return outcomes.contains(.committed) ? .commit : .rollback
      }
    }
    if outcomes.contains(.committed) { count(changes: batches.reduce(0) { $0 + $1.changes.count }) }
    return outcomes
  }

  private static func apply(_ batches: [Batch], _ database: Database) throws -> [CommitOutcome] {
    let statement = try database.cachedStatement(
      sql: "UPDATE store SET revision = revision + 1 WHERE id = 1 RETURNING revision")
    guard let revision = try Int64.fetchOne(statement) else {
      throw StoreFailure.damaged("the store's revision is missing; \(StoreFailure.whatToDo)")
    }
    return try batches.map { batch in
      do {
        if batch.changes.count == 1, let change = batch.changes.first {
          try RecordWriting.apply(change, revision: revision, database)
        } else {
          try database.inSavepoint {
            for change in batch.changes { try RecordWriting.apply(change, revision: revision, database) }
            return .commit
          }
        }
        return .committed
      } catch is RecordWriting.Conflict { return .conflict }
    }
  }
}
