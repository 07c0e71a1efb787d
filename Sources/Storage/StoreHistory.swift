/// Which course of events a store has gone through, and how far. After a failover, or a restore beneath servers that run,
/// it is another one: what was committed last may be missing, and numbers that were given out are given out again.
public struct StoreHistory: Equatable, Sendable {
  /// Another one for another history; `nil` where that cannot be said, as at a standby.
  public let name: String?
  /// The newest revision.
  public let revision: Int64

  public init(name: String?, revision: Int64) {
    self.name = name
    self.revision = revision
  }
}
