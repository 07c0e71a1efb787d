import Dispatch
import Foundation
import GRDB
import Synchronization

/// Moves what is in the log into the database file, so that the log stays small and no commit waits for it.
///
/// SQLite's own way is to do so in the commit that makes the log too long, which then takes as long as the disk needs
/// for all of it; and a log that is always being written or read is never begun anew. Here a connection of its own
/// copies in the background (a passive checkpoint), and when the log is long all the same, the writer's turn is taken
/// for what little is left, so that the log begins anew. When nothing is written for a while, the log is emptied.
///
/// A class, because it owns a connection and the count of what was written; the lock protects the count.
final class Checkpointer: Sendable {
  private struct State {
    var changes = 0
    var isAtWork = false
    var lastCommit = ContinuousClock.now
    var looksForRest = false
    var isClosed = false
    /// How long commits may be made to wait for those who read, so that the log can begin anew; in milliseconds. Twice as
    /// long after each time that was not enough, until nothing is written for a while; what is waited for in vain is no more
    /// than a twentieth of the time.
    var patience = Checkpointer.leastPatience
    var nextRestart = ContinuousClock.now
  }

  /// After so many changes a checkpoint is worth it: each writes two or three pages of 4 KiB.
  private static let changesBetween = 400
  /// 16 MiB.
  private static let longLog = 4096
  private static let leastPatience = 20
  private static let mostPatience = 640
  private static let rest = 2.0

  private let path: String
  private let state = Mutex(State())
  private let connection = Mutex<DatabaseQueue?>(nil)
  private let work = DispatchQueue(label: "doorward.sqlite.checkpointer", qos: .utility)
  /// Where commits are written: what runs on it runs between two of them.
  private let turns: DispatchQueue

  init(path: String, turns: DispatchQueue) {
    self.path = path
    self.turns = turns
  }

  /// Called after each transaction.
  func noteCommit(changes: Int) {
    let (starts, looks) = state.withLock { state in
      state.changes += changes
      state.lastCommit = .now
      let starts = state.changes >= Self.changesBetween && !state.isAtWork && !state.isClosed
      if starts { (state.isAtWork, state.changes) = (true, 0) }
      let looks = !state.looksForRest && !state.isClosed
      state.looksForRest = state.looksForRest || looks
      return (starts, looks)
    }
    if starts { work.async { [weak self] in self?.copy() } }
    if looks { lookForRest(in: Self.rest) }
  }

  /// In the writer's turn, before its connections are closed.
  func close() {
    state.withLock { $0.isClosed = true }
    connection.withLock { connection in
      try? connection?.close()
      connection = nil
    }
  }

  private func copy() {
    let length = checkpoint(.passive, waiting: 0) ?? 0
    let patience = state.withLock { state -> Int? in
      if length >= Self.longLog, .now >= state.nextRestart { return state.patience }
      state.isAtWork = false
      return nil
    }
    guard let patience else { return }
    turns.async { [weak self] in
      guard let self else { return }
      // Who reads keeps its part of the log: it begins anew only once everybody reads its end.
      let isDone = self.checkpoint(.restart, waiting: patience) != nil
      self.state.withLock { state in
        if !isDone { state.patience = min(Self.mostPatience, patience * 2) }
        state.nextRestart = isDone ? .now : .now + .milliseconds(20 * patience)
        state.isAtWork = false
      }
    }
  }

  private func lookForRest(in seconds: Double) {
    work.asyncAfter(deadline: .now() + seconds) { [weak self] in
      guard let self else { return }
      let waited = self.state.withLock { ContinuousClock.now - $0.lastCommit }
      let left = Self.rest - Double(waited.components.seconds) - Double(waited.components.attoseconds) / 1e18
      guard left <= 0 else { return self.lookForRest(in: left) }
      self.turns.async { [weak self] in
        guard let self else { return }
        let isEmptied = self.checkpoint(.truncate, waiting: Self.leastPatience) != nil
        let again = self.state.withLock { state in
          if isEmptied { (state.changes, state.patience) = (0, Self.leastPatience) }
          state.looksForRest = !isEmptied && !state.isClosed
          return state.looksForRest
        }
        if again { self.lookForRest(in: Self.rest) }
      }
    }
  }

  /// - Returns: the log's length in pages; `nil` when it could not be done now.
  private func checkpoint(_ mode: Database.CheckpointMode, waiting milliseconds: Int) -> Int? {
    connection.withLock { connection in
      if state.withLock({ $0.isClosed }) { return nil }
      do {
        let queue = try connection ?? open()
        connection = queue
        return try queue.writeWithoutTransaction { database in
          try database.execute(sql: "PRAGMA busy_timeout = \(milliseconds)")
          return try database.checkpoint(mode).walFrameCount
        }
      } catch { return nil }
    }
  }

  private func open() throws -> DatabaseQueue {
    try DatabaseQueue(path: path)
  }
}
