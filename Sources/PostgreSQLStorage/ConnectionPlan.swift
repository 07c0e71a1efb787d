#if PostgreSQL
/// What one connection is for.
struct ConnectionPlan: Sendable {
  let name: String
  let address: DatabaseAddress
  let schema: String
  var statements: [Statement] = []
  /// How many calls may be on their way at once.
  var depth = 1
  /// How long the server may work on one statement, in milliseconds.
  var statementLimit: Int
  /// How long an answer is waited for before the connection is given up: longer than the server's own limit.
  var patience: Duration { .milliseconds(statementLimit + 1000) }
  /// A channel to listen to, and what is done when something is told there.
  var listensTo: String?
  var notified: @Sendable () -> Void = {}
  /// What is done when the connection was made.
  var came: @Sendable () -> Void = {}
  /// What is done when it was given up since the server did not answer.
  var fellSilent: @Sendable () -> Void = {}
}
#endif
