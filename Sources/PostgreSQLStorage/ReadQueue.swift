#if PostgreSQL
import Storage
import Synchronization
import Vocabulary

/// What is to be read. Reads that wait together become one statement, which is as of one moment for each of them.
///
/// A class, because connections and callers share it; the lock protects what waits and nothing else.
final class ReadQueue: Workload {
  private struct Read {
    let keys: [RecordKey]
    let answer: CheckedContinuation<Result<[StoredRecord?], StoreFailure>, Never>
    var attempts = 0
  }

  /// Any other question, which is a statement of its own.
  private struct Question {
    let statement: Statement
    let values: [[UInt8]?]
    let answer: @Sendable (Result<Reply, StoreFailure>) -> Void
    var attempts = 0
  }

  private struct State {
    var reads: [Read] = []
    var questions: [Question] = []
    var standing = Standing()
  }

  private static let attempts = 3
  /// Keys in one statement: enough to share its costs, few enough that nobody waits long for others.
  private static let keysAtOnce = 100

  private let address: DatabaseAddress
  private let state = Mutex(State())
  private let wake: @Sendable () -> Void

  /// - Parameter wake: tells the connections that there is something to do.
  init(_ address: DatabaseAddress, wake: @escaping @Sendable () -> Void) {
    self.address = address
    self.wake = wake
  }

  func read(_ keys: [RecordKey]) async throws(StoreFailure) -> [StoredRecord?] {
    let result = await withCheckedContinuation { continuation in
      let fault = state.withLock { state in
        if state.standing.fault == nil { state.reads.append(Read(keys: keys, answer: continuation)) }
        return state.standing.fault
      }
      if let fault { continuation.resume(returning: .failure(fault)) } else { wake() }
    }
    return try result.get()
  }

  func list(_ statement: Statement, _ values: [[UInt8]?]) async throws(StoreFailure) -> [StoredRecord] {
    try await ask(statement, values, RecordRow.all)
  }

  /// How many records there are of each kind, and the store's revision; a row without a kind is there in any case.
  func count() async throws(StoreFailure) -> [(kind: String, count: Int64, revision: Int64)] {
    try await ask(.census, []) { reply in
      (0..<reply.count).map { row in
        (reply.text(row, 0) ?? "", reply.integer(row, 1) ?? 0, reply.integer(row, 2) ?? 0)
      }
    }
  }

  func history() async throws(StoreFailure) -> StoreHistory? {
    try await ask(.history, []) { reply in
      reply.integer(0, 0).map { StoreHistory(name: reply.text(0, 1), revision: $0) }
    }
  }

  private func ask<Value: Sendable>(
    _ statement: Statement, _ values: [[UInt8]?],
    _ decode: @escaping @Sendable (Reply) throws(StoreFailure) -> Value
  ) async throws(StoreFailure) -> Value {
    let result: Result<Value, StoreFailure> = await withCheckedContinuation { continuation in
      let question = Question(statement: statement, values: values) { outcome in
        do throws(StoreFailure) {
          continuation.resume(returning: .success(try decode(try outcome.get())))
        } catch { continuation.resume(returning: .failure(error)) }
      }
      let fault = state.withLock { state in
        if state.standing.fault == nil { state.questions.append(question) }
        return state.standing.fault
      }
      if let fault { continuation.resume(returning: .failure(fault)) } else { wake() }
    }
    return try result.get()
  }

  func next() -> Call? {
    let (reads, question) = state.withLock { state in
      var taken = 0
      var keys = 0
      while taken < state.reads.count, taken == 0 || keys + state.reads[taken].keys.count <= Self.keysAtOnce {
        keys += state.reads[taken].keys.count
        taken += 1
      }
      let reads = Array(state.reads.prefix(taken))
      state.reads.removeFirst(taken)
      return (reads, taken == 0 && !state.questions.isEmpty ? state.questions.removeFirst() : nil)
    }
    if let question { return call(question) }
    return reads.isEmpty ? nil : call(reads)
  }

  private func call(_ reads: [Read]) -> Call {
    let keys = reads.flatMap(\.keys)
    // A key that cannot be stored is asked for under no kind, and so not found.
    let values = [
      BinaryValue.array(keys.map { $0.isStorable ? $0.kind.rawValue : "" }),
      BinaryValue.array(keys.map { $0.isStorable ? $0.key : "" }),
    ]
    return Call(statement: .read, values: values) { [self] outcome in
      do throws(StoreFailure) {
        switch outcome {
        case .success(let reply):
          var found = [StoredRecord?](repeating: nil, count: keys.count)
          for row in 0..<reply.count {
            guard let place = reply.integer(row, 8), place > 0, place <= Int64(keys.count) else { continue }
            found[Int(place) - 1] = try RecordRow.record(reply, row)
          }
          var start = 0
          for read in reads {
            read.answer.resume(returning: .success(Array(found[start..<start + read.keys.count])))
            start += read.keys.count
          }
        case .failure(.refused(let refusal)): throw refusal.failure(address)
        case .failure(.lost(let failure)):
          let isGoingOn = state.withLock { state in
            let isGoingOn = state.standing.fault == nil && reads.allSatisfy { $0.attempts + 1 < Self.attempts }
            if isGoingOn {
              state.reads.insert(
                contentsOf: reads.map { Read(keys: $0.keys, answer: $0.answer, attempts: $0.attempts + 1) }, at: 0)
            }
            return isGoingOn
          }
          if !isGoingOn { throw failure }
          wake()
        }
      } catch {
        for read in reads { read.answer.resume(returning: .failure(error)) }
      }
    }
  }

  private func call(_ question: Question) -> Call {
    Call(statement: question.statement, values: question.values) { [self] outcome in
      switch outcome {
      case .success(let reply): question.answer(.success(reply))
      case .failure(.refused(let refusal)): question.answer(.failure(refusal.failure(address)))
      case .failure(.lost(let failure)):
        let isGoingOn = state.withLock { state in
          let isGoingOn = state.standing.fault == nil && question.attempts + 1 < Self.attempts
          if isGoingOn {
            var question = question
            question.attempts += 1
            state.questions.insert(question, at: 0)
          }
          return isGoingOn
        }
        if isGoingOn { wake() } else { question.answer(.failure(failure)) }
      }
    }
  }

  func connectionCame() { state.withLock { $0.standing.came() } }
  func connectionWent() { state.withLock { $0.standing.went() } }

  func connectionFailed(_ failure: StoreFailure) {
    state.withLock { $0.standing.failed(failure) }
    abandonIfDown()
  }

  func serverFellSilent(_ failure: StoreFailure) {
    state.withLock { $0.standing.fellSilent(failure) }
    abandonIfDown()
  }

  func close() {
    state.withLock { $0.standing.close() }
    abandonIfDown()
  }

  private func abandonIfDown() {
    let (reads, questions, fault) = state.withLock { state in
      guard let fault = state.standing.fault else { return ([Read](), [Question](), StoreFailure?.none) }
      defer { (state.reads, state.questions) = ([], []) }
      return (state.reads, state.questions, fault)
    }
    guard let fault else { return }
    for read in reads { read.answer.resume(returning: .failure(fault)) }
    for question in questions { question.answer(.failure(fault)) }
  }
}
#endif
