#if PostgreSQL
import CPostgreSQL
import Foundation
import Storage

/// A pooler between (PgBouncer) that hands a connection to somebody else after each transaction takes prepared
/// statements, settings and what is listened to away with it. Most of the time that looks well, so it is looked for.
struct Pooling {
  private static let rounds = 3
  private static let patience = Duration.seconds(5)
  let address: DatabaseAddress

  /// - Parameter session: one that has the connection it got to itself, or should.
  /// - Throws: `unavailable` where connections are pooled by transaction or statement.
  func demandBySession(_ session: Session) throws(StoreFailure) {
    // A pooler gives its callers numbers of its own for the server's process.
    guard let process = try process(of: session), process != "\(PQbackendPID(session.raw))" else { return }
    let other = try Session(address)
    for _ in 0..<Self.rounds {
      guard try self.process(of: session) == process else { throw refusal }
      // What has a transaction open keeps its connection: it must not be the other session's.
      _ = try other.answer(to: "BEGIN", within: Self.patience)
      let others = try self.process(of: other)
      guard others != process, try self.process(of: session) == process else { throw refusal }
      try other.execute("COMMIT")
      guard try self.process(of: other) == others else { throw refusal }
    }
  }

  private func process(of session: Session) throws(StoreFailure) -> String? {
    try session.answer(to: "SELECT pg_backend_pid()", within: Self.patience)
  }

  private var refusal: StoreFailure {
    .unavailable(
      """
      \(address) is behind a pooler that gives connections to others between transactions; let it pool by session \
      (PgBouncer: pool_mode = session), or name the database itself
      """)
  }
}

extension Session {
  /// The first value that is answered, if it comes in time.
  /// - Throws: `unavailable` when it does not: a pooler whose connections are all taken keeps its callers waiting.
  fileprivate func answer(to sql: String, within patience: Duration) throws(StoreFailure) -> String? {
    guard PQsendQuery(raw, sql) == 1 else { throw failure }
    let end = ContinuousClock.now + patience
    while PQisBusy(raw) == 1 {
      var descriptor = pollfd(fd: PQsocket(raw), events: Int16(POLLIN), revents: 0)
      let left = ContinuousClock.now.duration(to: end)
      guard left > .zero else {
        throw .unavailable(
          "\(address): the pooler gave this node no second connection within \(patience); each node needs six of its pool"
        )
      }
      poll(&descriptor, 1, Int32(clamping: left.components.seconds * 1000 + 100))
      guard PQconsumeInput(raw) == 1 else { throw failure }
    }
    var value: String?
    while let result = PQgetResult(raw) {
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_TUPLES_OK where PQntuples(result) > 0: value = String(cString: PQgetvalue(result, 0, 0))
      case PGRES_TUPLES_OK, PGRES_COMMAND_OK: break
      default: throw ServerRefusal(result).failure(address)
      }
    }
    return value
  }
}
#endif
