public import Catalogue
public import Dialects
public import OAuth
public import Vocabulary

/// What is known of one refusal when it is given; the sentences are made later, behind the answer.
public struct JournalEntry: Sendable {
  public let trace: TraceID
  public let time: Instant
  public let refusal: Refusal
  public let trail: Trail
  public let method: String
  /// The route's template or the endpoint's path, never a query.
  public let route: String
  public let contract: String
  public let place: Place
  /// Proven or claimed.
  public let client: ClientID?
  /// Whether the client has no secret: then its name proves nothing.
  public var isClientPublic = false
  /// Whether the client is registered; not where somebody made its name up.
  public var isClientRegistered = true
  public let answer: WireRefusal?
  /// `nil` where nothing of the request is worth a second look, or where memory was short.
  public var occasion: Occasion?
  /// The status, where the answer was a page for a person.
  public var pageStatus: Int?
  /// Whether somebody asked for this refusal on purpose (test mode only).
  public var isProvoked = false
  /// Which of its kind it is in its minute, counted from 1: the first of each are looked at first.
  var rank = 1

  public init(
    trace: TraceID, time: Instant, refusal: Refusal, trail: Trail, method: String, route: String, contract: String,
    place: Place, client: ClientID? = nil, answer: WireRefusal?, occasion: Occasion? = nil
  ) {
    self.trace = trace
    self.time = time
    self.refusal = refusal
    self.trail = trail
    self.method = method
    self.route = route
    self.contract = contract
    self.place = place
    self.client = client
    self.answer = answer
    self.occasion = occasion
  }

  /// Kept in a ring of their own, so that a flood of others does not push them out. Only what takes a credential of
  /// ours to bring about: anybody can send a bad signature.
  var isSecurityEvent: Bool {
    switch refusal {
    case .refreshToken(.reused), .refreshToken(.clientMismatch), .bearer(.revokedByContainment),
      .grant(.codeReused), .grant(.codeClientMismatch):
      true
    case .request, .client, .grant, .scope, .refreshToken, .bearer, .policy, .route, .upstream, .service,
      .configuration,
      .silent, .documentation, .authorization, .signIn:
      false
    }
  }

  /// The grant the refusal itself names, if it does.
  var grant: GrantID? {
    switch refusal {
    case .refreshToken(.reused(_, let grant, _, _, _, _)), .grant(.codeReused(let grant, _)),
      .grant(.codeExpired(let grant, _)), .grant(.codeWithdrawn(let grant, _)):
      grant
    case .request, .client, .grant, .scope, .refreshToken, .bearer, .policy, .route, .upstream, .service,
      .configuration, .silent, .documentation, .authorization, .signIn:
      nil
    }
  }
}
