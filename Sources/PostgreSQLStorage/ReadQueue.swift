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

  private struct List {
    let statement: Statement
    let values: [[UInt8]?]
    let answer: CheckedContinuation<Result<[StoredRecord], StoreFailure>, Never>
    var attempts = 0
  }

  private struct State {
    var reads: [Read] = []
    var lists: [List] = []
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
    let result = await withCheckedContinuation { continuation in
      let fault = state.withLock { state in
        if state.standing.fault == nil {
          state.lists.append(List(statement: statement, values: values, answer: continuation))
        }
        return state.standing.fault
      }
      if let fault { continuation.resume(returning: .failure(fault)) } else { wake() }
    }
    return try result.get()
  }

  func next() -> Call? {
    let (reads, list) = state.withLock { state in
      var taken = 0
      var keys = 0
      while taken < state.reads.count, taken == 0 || keys + state.reads[taken].keys.count <= Self.keysAtOnce {
        keys += state.reads[taken].keys.count
        taken += 1
      }
      let reads = Array(state.reads.prefix(taken))
      state.reads.removeFirst(taken)
      return (reads, taken == 0 && !state.lists.isEmpty ? state.lists.removeFirst() : nil)
    }
    if let list { return call(list) }
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

  private func call(_ list: List) -> Call {
    Call(statement: list.statement, values: list.values) { [self] outcome in
      do throws(StoreFailure) {
        switch outcome {
        case .success(let reply): list.answer.resume(returning: .success(try RecordRow.all(reply)))
        case .failure(.refused(let refusal)): throw refusal.failure(address)
        case .failure(.lost(let failure)):
          let isGoingOn = state.withLock { state in
            let isGoingOn = state.standing.fault == nil && list.attempts + 1 < Self.attempts
            if isGoingOn {
              var list = list
              list.attempts += 1
              state.lists.insert(list, at: 0)
            }
            return isGoingOn
          }
          if !isGoingOn { throw failure }
          wake()
        }
      } catch { list.answer.resume(returning: .failure(error)) }
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
    let (reads, lists, fault) = state.withLock { state in
      guard let fault = state.standing.fault else { return ([Read](), [List](), StoreFailure?.none) }
      defer { (state.reads, state.lists) = ([], []) }
      return (state.reads, state.lists, fault)
    }
    guard let fault else { return }
    for read in reads { read.answer.resume(returning: .failure(fault)) }
    for list in lists { list.answer.resume(returning: .failure(fault)) }
  }
}
#endif
