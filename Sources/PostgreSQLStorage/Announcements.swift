#if PostgreSQL
import Storage
import Synchronization

/// Tells whoever asked that another process may have committed something: on each notification, and each time the
/// listening connection comes back, since nothing was heard meanwhile.
///
/// A class, because the connection and the listeners share it; the lock protects the list of listeners.
final class Announcements: Workload {
  private struct State {
    var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
    var last = 0
    var isClosed = false
  }

  private let state = Mutex(State())

  /// One waiting element stands for any number of announcements.
  func stream() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let number = state.withLock { state -> Int? in
      if state.isClosed { return nil }
      state.last += 1
      state.listeners[state.last] = continuation
      return state.last
    }
    guard let number else {
      continuation.finish()
      return stream
    }
    continuation.onTermination = { [weak self] _ in _ = self?.state.withLock { $0.listeners[number] = nil } }
    return stream
  }

  func tell() {
    for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield() }
  }

  func close() {
    let listeners = state.withLock { state in
      defer { state.listeners = [:] }
      state.isClosed = true
      return Array(state.listeners.values)
    }
    for listener in listeners { listener.finish() }
  }

  func next() -> Call? { nil }
  func connectionCame() { tell() }
  func connectionWent() {}
  func serverFellSilent(_ failure: StoreFailure) {}
  func connectionFailed(_ failure: StoreFailure) {}
}
#endif
