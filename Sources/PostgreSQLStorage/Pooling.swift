#if PostgreSQL
import CPostgreSQL
import Storage

/// A pooler between (PgBouncer) that hands a connection to somebody else after each transaction takes prepared
/// statements, settings and what is listened to away with it. Most of the time that looks well, so it is looked for.
struct Pooling {
  private static let rounds = 3
  private static let patience = Duration.seconds(5)
  /// A pooler whose connections are all taken keeps its callers waiting.
  private static let late = "each node needs seven of the pooler's connections, and got no second one"
  let address: DatabaseAddress

  /// - Parameter session: one that has the connection it got to itself, or should.
  /// - Throws: `unavailable` where connections are pooled by transaction or statement.
  func demandBySession(_ session: Session) throws(StoreFailure) {
    // A pooler gives its callers numbers of its own for the server's process.
    let asked = try session.execute("SELECT pg_backend_pid()", within: Self.patience).first?.first
    guard let process = asked.flatMap(\.self), process != "\(PQbackendPID(session.raw))" else { return }
    let other = try Session(address)
    for _ in 0..<Self.rounds {
      guard try self.process(of: session) == process else { throw refusal }
      // What has a transaction open keeps its connection: it must not be the other session's.
      try other.execute("BEGIN", within: Self.patience, late: Self.late)
      let others = try self.process(of: other)
      guard others != process, try self.process(of: session) == process else { throw refusal }
      try other.execute("COMMIT")
      guard try self.process(of: other) == others else { throw refusal }
    }
  }

  private func process(of session: Session) throws(StoreFailure) -> String? {
    try session.execute("SELECT pg_backend_pid()", within: Self.patience, late: Self.late).first?.first.flatMap(\.self)
  }

  private var refusal: StoreFailure {
    .unavailable(
      """
      \(address) is behind a pooler that gives connections to others between transactions; let it pool by session \
      (PgBouncer: pool_mode = session), or name the database itself
      """)
  }
}
#endif
