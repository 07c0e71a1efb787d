import Synchronization

/// How many attempts to tell an application that a session ended went how, since the start (OpenID Connect Back-Channel
/// Logout §2.5).
///
/// A class, since the delivery and the metrics share it; each count is atomic.
public final class LogoutCounts: Sendable {
  public enum Outcome: String, CaseIterable, Sendable {
    case delivered
    /// It is tried again later.
    case postponed
    /// It was the last attempt: the application was not told.
    case abandoned
  }

  private let delivered = Atomic<Int>(0)
  private let postponed = Atomic<Int>(0)
  private let abandoned = Atomic<Int>(0)

  public init() {}

  public func add(_ outcome: Outcome) {
    switch outcome {
    case .delivered: delivered.add(1, ordering: .relaxed)
    case .postponed: postponed.add(1, ordering: .relaxed)
    case .abandoned: abandoned.add(1, ordering: .relaxed)
    }
  }

  public subscript(_ outcome: Outcome) -> Int {
    switch outcome {
    case .delivered: delivered.load(ordering: .relaxed)
    case .postponed: postponed.load(ordering: .relaxed)
    case .abandoned: abandoned.load(ordering: .relaxed)
    }
  }
}
