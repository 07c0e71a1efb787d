#if PostgreSQL
import Storage
import Vocabulary

/// A turn at work that one node at a time does: an advisory lock, held by a transaction on a connection of its own,
/// which is made for the purpose, since that work is rare.
///
/// It ends with the connection. Of a node that stands still the server ends it, after the time a session may idle in
/// a transaction: so a turn spares the others work, and what is committed in it must not depend on it alone.
///
/// An actor on a queue of its own, since libpq's connection is waited for.
actor Turn {
  private nonisolated let executor = QueueExecutor(label: "doorward.postgresql.turn")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
  private var session: Session?

  /// - Parameter limit: how long a turn may last, and the server may take to answer, in milliseconds.
  /// - Returns: the server's time; `nil` where another node has the turn.
  func take(
    _ name: String, of schema: String, at address: DatabaseAddress, limit: Int
  ) throws(StoreFailure) -> Instant? {
    let session = try Session(address)
    let patience = Duration.milliseconds(limit)
    try session.execute("SET idle_in_transaction_session_timeout = \(limit); BEGIN", within: patience)
    let row = try session.execute(
      """
      SELECT pg_try_advisory_xact_lock(hashtextextended('doorward \(name) of \(schema)', 0)),
        floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
      """, within: patience
    ).first
    guard let row, row.count == 2, row[0] == "t", let time = row[1].flatMap({ Int64($0) }) else { return nil }
    self.session = session
    return Instant(millisecondsSince1970: time)
  }

  func end() {
    // Said, since a connection that is merely closed lets go of its locks a little later.
    _ = try? session?.execute("COMMIT", within: .seconds(1))
    session = nil
  }
}
#endif
