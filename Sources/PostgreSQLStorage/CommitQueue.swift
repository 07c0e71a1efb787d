#if PostgreSQL
import Storage
import Synchronization
import Vocabulary

/// What is to be committed. Whoever commits while a call is on its way waits for the next one, which takes every
/// waiting batch it can (`CommitGroup`).
///
/// Each writer has one call on its way at a time, with a number. When the connection breaks, nobody knows whether the
/// call was carried out: it is made again with the same number, and the server answers what came of it the first
/// time. Only when that cannot be asked within `patience` are the callers told `unavailable`: then it is not known.
///
/// A class, because connections and callers share it; the lock protects what waits and nothing else.
final class CommitQueue: Workload {
  struct Waiting: Sendable {
    let changes: [NetChange]
    /// A batch that may be at fault for a call's failure is tried by itself.
    var isAlone = false
    let answer: CheckedContinuation<Result<CommitOutcome, StoreFailure>, Never>
  }

  /// A group on its way, or to be sent again.
  private struct Attempt: Sendable {
    let writer: Int
    let number: Int64
    let group: CommitGroup
    let since: ContinuousClock.Instant
    var collisions = 0
  }

  /// Other writing, which is not made again when its answer is lost.
  private struct Errand {
    let statement: Statement
    let values: [[UInt8]?]
    let answer: CheckedContinuation<Result<Int64, Call.Failure>, Never>
  }

  private struct State {
    var waiting: [Waiting] = []
    var again: [Attempt] = []
    var errands: [Errand] = []
    var numbers: [Int64]
    var free: [Int]
    var standing = Standing()
    var calls = 0
  }

  private static let collisions = 20
  private let address: DatabaseAddress
  private let channel: String
  private let patience: Duration
  private let identities: [Int64]
  private let state: Mutex<State>
  private let wake: @Sendable () -> Void

  init(
    _ address: DatabaseAddress, channel: String, writers: Int, patience: Duration,
    wake: @escaping @Sendable () -> Void
  ) {
    self.address = address
    self.channel = channel
    self.patience = patience
    self.wake = wake
    var random = SystemRandomNumberGenerator()
    identities = (0..<writers).map { _ in Int64.random(in: .min ... .max, using: &random) }
    state = Mutex(State(numbers: [Int64](repeating: 0, count: writers), free: Array(0..<writers)))
  }

  /// How many calls were made that took batches: with all waiting ones in one, fewer than commits.
  var calls: Int { state.withLock { $0.calls } }

  func commit(_ changes: [NetChange]) async throws(StoreFailure) -> CommitOutcome {
    let result = await withCheckedContinuation { continuation in
      let fault = state.withLock { state in
        if state.standing.fault == nil { state.waiting.append(Waiting(changes: changes, answer: continuation)) }
        return state.standing.fault
      }
      if let fault { continuation.resume(returning: .failure(fault)) } else { wake() }
    }
    return try result.get()
  }

  func sweep(_ values: [[UInt8]?]) async throws(StoreFailure) -> Int {
    do throws(Call.Failure) { return Int(clamping: try await run(.sweep, values)) } catch {
      throw error.failure(address)
    }
  }

  func add(_ values: [[UInt8]?]) async throws(StoreFailure) -> CommitOutcome {
    do throws(Call.Failure) {
      _ = try await run(.import, values)
      return .committed
    } catch {
      if case .refused(let refusal) = error, refusal.state == ImportFunction.conflict { return .conflict }
      throw error.failure(address)
    }
  }

  /// - Returns: the one number that is answered.
  private func run(_ statement: Statement, _ values: [[UInt8]?]) async throws(Call.Failure) -> Int64 {
    let result = await withCheckedContinuation { continuation in
      let fault = state.withLock { state in
        if state.standing.fault == nil {
          state.errands.append(Errand(statement: statement, values: values, answer: continuation))
        }
        return state.standing.fault
      }
      if let fault { continuation.resume(returning: .failure(.lost(fault))) } else { wake() }
    }
    return try result.get()
  }

  /// Throws what stands in the way, now.
  func check() throws(StoreFailure) {
    if let fault = state.withLock({ $0.standing.fault }) { throw fault }
  }

  func next() -> Call? {
    let (attempt, errand) = state.withLock { state -> (Attempt?, Errand?) in
      if !state.again.isEmpty { return (state.again.removeFirst(), nil) }
      if !state.waiting.isEmpty, let writer = state.free.popLast() {
        state.numbers[writer] += 1
        state.calls += 1
        let group = CommitGroup.take(&state.waiting)
        return (Attempt(writer: writer, number: state.numbers[writer], group: group, since: .now), nil)
      }
      return (nil, state.errands.isEmpty ? nil : state.errands.removeFirst())
    }
    if let attempt { return call(attempt) }
    return errand.map(call)
  }

  private func call(_ attempt: Attempt) -> Call {
    let head = [
      BinaryValue.integer(identities[attempt.writer]), BinaryValue.integer(attempt.number), BinaryValue.text(channel),
    ]
    return Call(statement: .commit, values: head + attempt.group.values) { [self] outcome in
      switch outcome {
      case .success(let reply):
        guard reply.count == 1, let conflicts = reply.integers(0, 0) else {
          return finish(attempt, .failure(.damaged("\(address): the commit function gave no outcome")))
        }
        finish(attempt, .success(conflicts))
      case .failure(.refused(let refusal)): refused(attempt, refusal)
      case .failure(.lost(let failure)): makeAgain(attempt, failure)
      }
    }
  }

  /// Not known whether it was carried out: to be asked, as long as somebody may wait for that.
  private func makeAgain(_ attempt: Attempt, _ failure: StoreFailure) {
    let isGoingOn = state.withLock { state in
      let isGoingOn = !state.standing.isClosed && ContinuousClock.now - attempt.since < patience
      if isGoingOn { state.again.append(attempt) }
      return isGoingOn
    }
    if isGoingOn { wake() } else { finish(attempt, .failure(failure)) }
  }

  private func refused(_ attempt: Attempt, _ refusal: ServerRefusal) {
    if refusal.isCollision, attempt.collisions < Self.collisions {
      var attempt = attempt
      attempt.collisions += 1
      return makeAgain(attempt, refusal.failure(address))
    }
    guard refusal.isAboutValues, attempt.group.waiting.count > 1 else {
      return finish(attempt, .failure(refusal.failure(address)))
    }
    state.withLock { state in
      for var waiting in attempt.group.waiting.reversed() {
        waiting.isAlone = true
        state.waiting.insert(waiting, at: 0)
      }
      state.free.append(attempt.writer)
    }
    wake()
  }

  private func finish(_ attempt: Attempt, _ result: Result<[Int32], StoreFailure>) {
    state.withLock { $0.free.append(attempt.writer) }
    switch result {
    case .success(let conflicts):
      let lost = Set(conflicts)
      for (index, waiting) in attempt.group.waiting.enumerated() {
        waiting.answer.resume(returning: .success(lost.contains(Int32(clamping: index)) ? .conflict : .committed))
      }
    case .failure(let failure):
      for waiting in attempt.group.waiting { waiting.answer.resume(returning: .failure(failure)) }
    }
    wake()
  }

  private func call(_ errand: Errand) -> Call {
    Call(statement: errand.statement, values: errand.values) { outcome in
      errand.answer.resume(returning: outcome.map { $0.integer(0, 0) ?? 0 })
    }
  }

  /// Waits until nothing is on its way any more.
  func drain() async {
    let end = ContinuousClock.now + patience
    while ContinuousClock.now < end, state.withLock({ $0.free.count < $0.numbers.count || !$0.waiting.isEmpty }) {
      try? await Task.sleep(for: .milliseconds(2))
    }
  }

  func connectionCame() { state.withLock { $0.standing.came() } }
  func connectionWent() { state.withLock { $0.standing.went() } }

  /// What was never sent has not happened, and is told so at once; what was is asked for until patience ends.
  func connectionFailed(_ failure: StoreFailure) { abandon(failure) { $0.failed(failure) } }
  func serverFellSilent(_ failure: StoreFailure) { abandon(failure) { $0.fellSilent(failure) } }

  private func abandon(_ failure: StoreFailure, _ note: (inout Standing) -> Void) {
    let (waiting, errands, late) = state.withLock { state in
      note(&state.standing)
      return Self.abandoned(&state, patience)
    }
    tell(waiting, errands, late, failure)
  }

  func close() {
    let (waiting, errands, late) = state.withLock { state in
      state.standing.close()
      return Self.abandoned(&state, .zero)
    }
    tell(waiting, errands, late, .unavailable("the store is closed"))
  }

  private static func abandoned(_ state: inout State, _ patience: Duration) -> ([Waiting], [Errand], [Attempt]) {
    guard state.standing.fault != nil else { return ([], [], []) }
    let late = state.again.filter { ContinuousClock.now - $0.since >= patience }
    state.again.removeAll { ContinuousClock.now - $0.since >= patience }
    defer { (state.waiting, state.errands) = ([], []) }
    return (state.waiting, state.errands, late)
  }

  private func tell(_ waiting: [Waiting], _ errands: [Errand], _ late: [Attempt], _ failure: StoreFailure) {
    for waiting in waiting { waiting.answer.resume(returning: .failure(failure)) }
    for errand in errands { errand.answer.resume(returning: .failure(.lost(failure))) }
    for attempt in late { finish(attempt, .failure(failure)) }
  }
}
#endif
