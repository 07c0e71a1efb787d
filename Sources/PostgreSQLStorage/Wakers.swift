#if PostgreSQL
import Synchronization

/// The connections of each queue: made after it, and woken by it.
final class Wakers: Sendable {
  private let connections = Mutex<[Connection]>([])

  func set(_ made: [Connection]) { connections.withLock { $0 = made } }
  func wake() { for connection in connections.withLock({ $0 }) { connection.wake() } }
}
#endif
