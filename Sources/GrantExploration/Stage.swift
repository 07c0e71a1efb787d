import Storage
import Synchronization

/// What an operation is about to do at the store, or to itself: a point at which another may come first.
enum Verb: Equatable, Sendable {
  /// Its first step: from here on it looks at its node's memory.
  case begin
  case read([RecordKey])
  case list(Listing)
  case commit(Batch)
  case sweep
  /// The store has answered, and the answer arrives.
  case hear
  /// Time passes, in milliseconds.
  case wait(Int64)
}

/// How a verb goes.
enum Way: Equatable, Sendable {
  case done
  /// The store says that it cannot, and did nothing.
  case refused
  /// The store did it, and the answer was lost on the way.
  case answerLost
  /// The process dies before the store is reached: it never gets another turn.
  case diesBefore
  /// The store did it, and the process died before it heard so.
  case diesAfter

  var isDeath: Bool { self == .diesBefore || self == .diesAfter }
}

/// Where operations wait for their turn. At most one of them runs at any moment, so that what happens is decided by the
/// order of turns alone.
///
/// A class, since every operation and the one who gives turns share it; the lock protects who waits.
final class Stage: Sendable {
  /// The operation that the code runs for; `nil` in preparations and checks, which nobody interrupts.
  @TaskLocal static var operation: Int?

  private struct State {
    var waiting: [Int: (verb: Verb, turn: UnsafeContinuation<Way, Never>)] = [:]
    var running = 0
    var isOver = false
    var director: UnsafeContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  /// Called before an operation's task is made.
  func enter() { state.withLock { $0.running += 1 } }

  /// Called as the last thing of an operation.
  func leave() { rest { $0.running -= 1 } }

  /// Waits for a turn.
  func turn(of operation: Int, for verb: Verb) async -> Way {
    await withUnsafeContinuation { turn in
      let isOver = state.withLock { state in
        if !state.isOver { state.waiting[operation] = (verb, turn) }
        return state.isOver
      }
      if isOver { turn.resume(returning: .diesBefore) } else { rest { $0.running -= 1 } }
    }
  }

  /// Answers what each waits for, once none runs.
  func still() async -> [Int: Verb] {
    await withUnsafeContinuation { director in
      let isStill = state.withLock { state in
        if state.running > 0 { state.director = director }
        return state.running == 0
      }
      if isStill { director.resume() }
    }
    return state.withLock { $0.waiting.mapValues(\.verb) }
  }

  func give(_ operation: Int, _ way: Way) {
    let turn = state.withLock { state in
      state.running += 1
      return state.waiting.removeValue(forKey: operation)?.turn
    }
    turn?.resume(returning: way)
  }

  /// Lets all that still wait end somehow, without the store.
  func clear() {
    let turns = state.withLock { state in
      state.isOver = true
      defer { state.waiting = [:] }
      state.running += state.waiting.count
      return state.waiting.values.map(\.turn)
    }
    for turn in turns { turn.resume(returning: .diesBefore) }
  }

  private func rest(_ change: (inout State) -> Void) {
    let director = state.withLock { state in
      change(&state)
      guard state.running == 0 else { return UnsafeContinuation<Void, Never>?.none }
      defer { state.director = nil }
      return state.director
    }
    director?.resume()
  }
}
