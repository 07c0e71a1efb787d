public import Vocabulary

/// What the client may do next, so plainly that a program can follow it without looping.
public enum RetryVerdict: String, CaseIterable, Sendable {
  /// The same request will never succeed: change it.
  case never
  /// The same request may succeed again at once; automatic repetition is for idempotent methods only.
  case same
  /// The same request may succeed after the time in `Retry-After` or `not_before`.
  case after
  /// Get another access token (refresh, or ask for one), then repeat.
  case newToken = "new-token"
  /// Authorize again: the grant behind the credential is not usable.
  case newGrant = "new-grant"
  /// A person has to act first: sign in, consent, start again.
  case afterUser = "after-user"
  /// Somebody who runs the server has to act first.
  case afterOperator = "after-operator"

  /// Whether the very same request may be sent again.
  public var isRetryable: Bool {
    switch self {
    case .same, .after: true
    case .never, .newToken, .newGrant, .afterUser, .afterOperator: false
    }
  }
}

/// Who can do something about it.
public enum Actor: String, CaseIterable, Sendable {
  case caller, developer, user
  case `operator`
}

/// Where in the system a refusal is worded, which decides its form on the wire.
public enum Place: String, CaseIterable, Sendable {
  /// In front of a protected API: worded by the API's own contract.
  case api
  /// Token, introspection and revocation endpoints (RFC 6749 §5.2).
  case token
  /// Sent back to a proven application in the address (RFC 6749 §4.1.2.1), in the words of its contract.
  case authorization
  /// A page for a person.
  case page
  /// The documentation: pages and topics.
  case documentation
  /// The terminal of whoever runs the server.
  case terminal
}

/// The challenge a code owes the caller in `WWW-Authenticate` (RFC 9110 §11.6.1).
public enum ChallengePolicy: String, Sendable {
  case none
  /// `Bearer` without any error member: no credential was presented (RFC 6750 §3.1).
  case bearer
  /// `Bearer` with `error`, `error_description` and `error_uri`.
  case bearerWithError = "bearer-with-error"
  /// `Basic`, where the status is 401 (RFC 6749 §5.2).
  case basic
}

/// What every code declares; the long text is its page.
public struct Entry: Sendable {
  /// Three to ten words, without a full stop. The `title` of RFC 9457 §3.1.4: the same every time.
  public let title: String
  /// What the caller is told: constant, ASCII, free of quotes, backslashes, angle brackets and ampersands,
  /// so that it may stand in a header and in `error_description` (RFC 6749 §5.2).
  public let text: String
  public let status: Int
  /// The registered value, where the specification has one for this place.
  public let error: OAuthError?
  public let retry: RetryVerdict
  public let actors: [Actor]
  public let challenge: ChallengePolicy
  public let places: [Place]
  /// The coarser code sent where an API has no word of its own for this one.
  public let lowersTo: Code?

  init(
    _ title: String, _ text: String, _ status: Int, _ error: OAuthError? = nil, retry: RetryVerdict,
    acts actors: [Actor], challenge: ChallengePolicy = .none, at places: [Place], lowersTo: Code? = nil
  ) {
    self.title = title
    self.text = text
    self.status = status
    self.error = error
    self.retry = retry
    self.actors = actors
    self.challenge = challenge
    self.places = places
    self.lowersTo = lowersTo
  }
}
