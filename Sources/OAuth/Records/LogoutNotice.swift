public import Vocabulary

/// That a client is still to be told of a session's end (OpenID Connect Back-Channel Logout §2.5). It is stored with
/// the session's closing, so that neither a slow client nor a restart loses it, and removed once the client knows.
public struct LogoutNotice: Equatable, Sendable {
  public let id: LogoutNoticeID
  public let client: ClientID
  /// The account; what the client calls it is decided when the token is made.
  public let subject: SubjectID
  public let session: SessionID
  public let createdAt: Instant
  public private(set) var attempts: Int64
  /// Not to be tried before.
  public private(set) var dueAt: Instant

  public init(
    id: LogoutNoticeID, client: ClientID, subject: SubjectID, session: SessionID, createdAt: Instant,
    attempts: Int64 = 0,
    dueAt: Instant? = nil
  ) {
    self.id = id
    self.client = client
    self.subject = subject
    self.session = session
    self.createdAt = createdAt
    self.attempts = attempts
    self.dueAt = dueAt ?? createdAt
  }

  /// Waits after the first, second and third attempt that failed; there is no fifth.
  private static let waits = [Lifetime(clamping: 2), Lifetime(clamping: 10), Lifetime(clamping: 60)]
  /// Longer than an attempt takes: a process that ended in the middle of one leaves the notice to another.
  private static let lease = Lifetime(clamping: 15)
  /// After that nobody is told any more.
  public static let lifetime = Lifetime(clamping: 3600)

  /// Taken by whoever tries it now, for as long as one attempt may take.
  public func taken(now: Instant) -> LogoutNotice {
    var notice = self
    notice.attempts = max(0, min(attempts, 1000)) + 1
    notice.dueAt = now + Self.lease
    return notice
  }

  /// After an attempt that failed; `nil` when that was the last.
  public func postponed(now: Instant) -> LogoutNotice? {
    guard let wait = Self.waits.dropFirst(Int(clamping: attempts - 1)).first else { return nil }
    var notice = self
    notice.dueAt = now + wait
    return notice
  }
}

extension SessionID {
  /// `sid`: another for each client, so that two cannot tell that they serve one person.
  public func shown(to client: ClientID) -> SessionName { SessionNaming.name(self, client) }
}
