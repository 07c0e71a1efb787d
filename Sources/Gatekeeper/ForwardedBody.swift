import Hummingbird
import NIOCore
import Synchronization

/// The body of a request on its way to an API, read by the HTTP client in a task of its own. An API may answer
/// before it has read everything; the connection's next request must not be read before that task has let go of
/// it, since two readers of one connection stop the process.
///
/// A class, because the task that reads and the one that answers share it; the lock protects who reads.
final class ForwardedBody: AsyncSequence, Sendable {
  typealias Element = ByteBuffer

  private struct State {
    var isReading = false
    var isReleased = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let body: RequestBody
  private let state = Mutex(State())

  init(_ body: RequestBody) { self.body = body }

  struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate let owner: ForwardedBody
    fileprivate var base: RequestBody.AsyncIterator

    mutating func next() async throws -> ByteBuffer? {
      guard owner.mayRead() else { throw CancellationError() }
      defer { owner.hasRead() }
      return try await base.next()
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(owner: self, base: body.makeAsyncIterator()) }

  /// Ends the reading; returns when nobody reads any more. A caller who sends nothing for that long is not waited
  /// for: `disconnect` then closes the connection, which ends the read.
  func release(patience: Duration = .seconds(5), disconnect: @escaping @Sendable () -> Void) async {
    let isReading = state.withLock { state in
      state.isReleased = true
      return state.isReading
    }
    guard isReading else { return }
    let impatience = Task {
      try await Task.sleep(for: patience)
      disconnect()
    }
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if state.isReading { state.waiter = continuation }
        return !state.isReading
      }
      if isOver { continuation.resume() }
    }
    impatience.cancel()
  }

  private func mayRead() -> Bool {
    state.withLock { state in
      if state.isReleased { return false }
      state.isReading = true
      return true
    }
  }

  private func hasRead() {
    let waiter = state.withLock { state in
      state.isReading = false
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }
}
