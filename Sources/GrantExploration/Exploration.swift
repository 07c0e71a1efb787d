import Storage

/// All interleavings of a scenario's operations, depth first, each from the start.
struct Exploration {
  enum Kind {
    /// Every order of turns; with one failure in each place and of each kind where that is wanted.
    case interleaved(failing: Bool)
    /// Each operation to its end before the next begins, in every order.
    case sequential
  }

  struct Fault: Error { let description: String }

  private struct Frame {
    let turns: [Turn]
    let waiting: [Int: Verb]
    /// Turns that were tried before, and after which all goes on as it will here: they are not tried again.
    let sleeping: [(turn: Turn, verb: Verb)]
    /// Whether something has failed before this turn.
    let hasFailed: Bool
    /// The operation that has begun and not ended, where they come one by one.
    let underway: Int?
    var index = 0

    var turn: Turn { turns[index] }
  }

  let run: Run
  let kind: Kind
  /// Whether of orders that differ only in turns that do not touch each other one is enough (sleep sets: Godefroid,
  /// Partial-Order Methods for the Verification of Concurrent Systems, 1996).
  let isReduced: Bool
  private var frames: [Frame] = []
  private(set) var abandoned = 0
  private(set) var played = 0

  init(_ run: Run, _ kind: Kind, isReduced: Bool) {
    self.run = run
    self.isReduced = isReduced
    self.kind = kind
  }

  /// - Parameter look: given each ending and the turn that failed, answers whether to go on.
  mutating func explore(_ look: (Ending, Turn?) async throws -> Bool) async throws {
    while true {
      var depth = 0
      var fault: Fault?
      let ending = try await run.play { waiting in
        defer { depth += 1 }
        if depth < frames.count {
          guard Set(frames[depth].waiting.keys) == Set(waiting.keys) else {
            fault = Fault(description: "the same turns led elsewhere")
            return nil
          }
          return frames[depth].turn
        }
        let frame = frame(waiting, depth)
        guard !frame.turns.isEmpty else { return nil }
        frames.append(frame)
        return frame.turn
      }
      if let fault { throw fault }
      if ending.isAbandoned {
        abandoned += 1
      } else {
        played += 1
        guard try await look(ending, frames.map(\.turn).first { $0.way != .done }) else { return }
      }
      while let last = frames.last, last.index + 1 == last.turns.count { frames.removeLast() }
      guard !frames.isEmpty else { return }
      frames[frames.count - 1].index += 1
    }
  }

  private func frame(_ waiting: [Int: Verb], _ depth: Int) -> Frame {
    let parent = depth > 0 ? frames[depth - 1] : nil
    let hasFailed = parent.map { $0.hasFailed || $0.turn.way != .done } ?? false
    var sleeping: [(turn: Turn, verb: Verb)] = []
    if isReduced, let parent, let moved = parent.waiting[parent.turn.operation] {
      sleeping = parent.sleeping
      for turn in parent.turns[..<parent.index] {
        if let verb = parent.waiting[turn.operation] { sleeping.append((turn, verb)) }
      }
      sleeping = sleeping.filter { touch($0.turn, $0.verb, parent.turn, moved) == false }
    }
    var underway: Int?
    if case .sequential = kind, let before = parent?.turn.operation, let next = waiting[before], next != .begin {
      underway = before
    }
    var turns: [Turn] = []
    for (operation, verb) in waiting.sorted(by: { $0.key < $1.key }) {
      if underway.map({ $0 != operation }) ?? false { continue }
      var ways = [Way.done]
      let mayFail = run.scenario.operations[operation].operation.mayFail
      if case .interleaved(failing: true) = kind, mayFail, !hasFailed { ways += Self.failures(verb) }
      turns += ways.map { Turn(operation: operation, way: $0) }.filter { turn in
        !sleeping.contains { $0.turn == turn }
      }
    }
    return Frame(turns: turns, waiting: waiting, sleeping: sleeping, hasFailed: hasFailed, underway: underway)
  }

  private static func failures(_ verb: Verb) -> [Way] {
    switch verb {
    case .begin, .wait: []
    case .read, .list, .sweep: [.refused, .diesBefore]
    case .hear: [.diesBefore]
    case .commit: [.refused, .answerLost, .diesBefore, .diesAfter]
    }
  }

  /// Whether the order of two turns may matter.
  private func touch(_ a: Turn, _ first: Verb, _ b: Turn, _ second: Verb) -> Bool {
    // They share the node's memory, which nothing is done to until the changes that were listed are heard of.
    if !Self.listsChanges(first), !Self.listsChanges(second),
      run.scenario.operations[a.operation].node == run.scenario.operations[b.operation].node
    {
      return true
    }
    // A second failure is not looked for, so one keeps the other away.
    if a.way != .done, b.way != .done { return true }
    // What the store does not do touches nothing.
    if [a.way, b.way].contains(where: { $0 == .refused || $0 == .diesBefore }) { return false }
    switch (first, second) {
    case (.wait, _), (_, .wait), (.sweep, _), (_, .sweep): return true
    case (.begin, _), (_, .begin), (.hear, _), (_, .hear): return false
    case (.read, .read), (.list, .list), (.read, .list), (.list, .read): return false
    case (.commit(let batch), .read(let keys)), (.read(let keys), .commit(let batch)):
      return !Self.keys(batch).isDisjoint(with: keys)
    case (.commit(let a), .commit(let b)): return !Self.keys(a).isDisjoint(with: Self.keys(b))
    case (.commit(let batch), .list(let listing)), (.list(let listing), .commit(let batch)):
      switch listing {
      case .changed: return true
      case .all(let kind, _, _), .indexed(let kind, _, _, _, _), .closed(let kind, _, _, _):
        return Self.keys(batch).contains { $0.kind == kind }
      }
    }
  }

  private static func listsChanges(_ verb: Verb) -> Bool { if case .list(.changed) = verb { true } else { false } }

  private static func keys(_ batch: Batch) -> Set<RecordKey> {
    Set(
      batch.changes.map { change in
        switch change {
        case .insert(let key, _, _, _), .replace(let key, _, _, _, _), .require(let key, _), .close(let key, _),
          .remove(let key):
          key
        }
      })
  }
}
