import Foundation
import GRDB
import Storage
import Synchronization
import Vocabulary

/// One writer for all: whoever commits while a transaction is being written waits for the next one, which takes
/// every waiting batch. Each batch is a savepoint of its own, so a conflict undoes nothing of the others; each is
/// answered only when the whole transaction is on disk.
///
/// A class, because it owns the queue of waiting batches; the lock protects that queue and nothing else.
final class GroupCommit: Sendable {
  private struct Waiting {
    let batch: Batch
    let answer: CheckedContinuation<Result<CommitOutcome, StoreFailure>, Never>
  }

  private struct State {
    var waiting: [Waiting] = []
    var isWriting = false
    var transactions = 0
  }

  private struct Conflict: Error {}

  private let pool: DatabasePool
  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "doorward.sqlite.writer")

  init(pool: DatabasePool) { self.pool = pool }

  var transactions: Int { state.withLock { $0.transactions } }

  func commit(_ batch: Batch) async throws(StoreFailure) -> CommitOutcome {
    if batch.isEmpty { return .committed }
    let result = await withCheckedContinuation { continuation in
      let starts = state.withLock { state in
        state.waiting.append(Waiting(batch: batch, answer: continuation))
        defer { state.isWriting = true }
        return !state.isWriting
      }
      if starts { queue.async { self.write() } }
    }
    return try result.get()
  }

  private func write() {
    while true {
      let group = state.withLock { state in
        defer { state.waiting = [] }
        state.isWriting = !state.waiting.isEmpty
        return state.waiting
      }
      if group.isEmpty { return }
      var outcomes: [CommitOutcome] = []
      do {
        try pool.writeWithoutTransaction { database in
          try database.inTransaction(.immediate) {
            outcomes = try Self.apply(group.map(\.batch), database)
            return .commit
          }
        }
        state.withLock { $0.transactions += 1 }
        for (waiting, outcome) in zip(group, outcomes) { waiting.answer.resume(returning: .success(outcome)) }
      } catch {
        let failure = StoreFailure(error)
        for waiting in group { waiting.answer.resume(returning: .failure(failure)) }
      }
    }
  }

  private static func apply(_ batches: [Batch], _ database: Database) throws -> [CommitOutcome] {
    let revision =
      try Int64.fetchOne(database, sql: "UPDATE store SET revision = revision + 1 WHERE id = 1 RETURNING revision") ?? 0
    return try batches.map { batch in
      do {
        if batch.changes.count == 1, let change = batch.changes.first {
          try apply(change, revision, database)
        } else {
          try database.inSavepoint {
            for change in batch.changes { try apply(change, revision, database) }
            return .commit
          }
        }
        return .committed
      } catch is Conflict { return .conflict }
    }
  }

  private static func apply(_ change: StoredChange, _ revision: Int64, _ database: Database) throws {
    switch change {
    case .insert(let key, let body, let expires, let indexes):
      try database.cachedStatement(
        sql: """
          INSERT INTO record (kind, key, version, revision, announced, closed, expires, body)
          VALUES (?, ?, 1, ?, ?, NULL, ?, ?) ON CONFLICT DO NOTHING
          """
      ).execute(
        arguments: [
          key.kind.rawValue, key.key, revision, key.kind.isAnnounced ? 1 : 0, expires?.millisecondsSince1970,
          Data(body),
        ])
      guard database.changesCount == 1 else { throw Conflict() }
      try index(key, indexes, database)
    case .replace(let key, let version, let body, let expires, let indexes):
      try database.cachedStatement(
        sql: """
          UPDATE record SET version = version + 1, revision = ?, expires = ?, body = ?
          WHERE kind = ? AND key = ? AND version = ? AND closed IS NULL
          """
      ).execute(
        arguments: [revision, expires?.millisecondsSince1970, Data(body), key.kind.rawValue, key.key, version])
      guard database.changesCount == 1 else { throw Conflict() }
      if key.kind == .grant || !indexes.isEmpty {
        try database.cachedStatement(sql: "DELETE FROM record_index WHERE kind = ? AND key = ?")
          .execute(arguments: [key.kind.rawValue, key.key])
        try index(key, indexes, database)
      }
    case .close(let key, let at):
      try database.cachedStatement(
        sql: """
          UPDATE record SET version = version + 1, revision = ?, announced = 1, closed = ?
          WHERE kind = ? AND key = ? AND closed IS NULL
          """
      ).execute(arguments: [revision, at.millisecondsSince1970, key.kind.rawValue, key.key])
    case .remove(let key): try RecordRow.remove(kind: key.kind.rawValue, key: key.key, database)
    }
  }

  private static func index(_ key: RecordKey, _ indexes: [String: String], _ database: Database) throws {
    for (name, value) in indexes {
      try database.cachedStatement(
        sql: "INSERT OR REPLACE INTO record_index (kind, name, value, key) VALUES (?, ?, ?, ?)"
      )
      .execute(arguments: [key.kind.rawValue, name, value, key.key])
    }
  }
}
