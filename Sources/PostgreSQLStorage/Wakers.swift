#if PostgreSQL
import Synchronization

/// Connections that somebody wakes who was made before them. A class, since both hold it; the lock protects the list.
final class Wakers: Sendable {
  private let connections = Mutex<[Connection]>([])

  func set(_ made: [Connection]) { connections.withLock { $0 = made } }
  func hurry() { for connection in connections.withLock({ $0 }) { connection.hurry() } }
  func doubt() { for connection in connections.withLock({ $0 }) { connection.doubt() } }
  func wake() { for connection in connections.withLock({ $0 }) { connection.wake() } }
}
#endif
