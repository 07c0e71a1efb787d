public import Catalogue
public import Vocabulary

extension Refusal {
  /// What else must happen because we said no, written once. Exhaustive by area: whoever adds refusals must say
  /// what they do to the world. RFC 9700 §4.14.2: the server cannot know which party replayed, so all ends.
  ///
  /// - Parameter trace: the request that is refused; the note beside a closed grant names it.
  public func consequences(now: Instant, trace: TraceID? = nil) -> [Change] {
    switch self {
    case .refreshToken(.reused(let family, let grant, _, _, _, _)):
      [.closeFamily(family, at: now)] + Self.containment(of: grant, now, trace)
    case .refreshToken(.malformed), .refreshToken(.unknown), .refreshToken(.expired), .refreshToken(.familyRevoked),
      .refreshToken(.clientMismatch):
      []
    // RFC 6749 §4.1.2: a code presented twice was intercepted; what it gave is withdrawn.
    case .grant(.codeReused(let grant, _)): Self.containment(of: grant, now, trace)
    case .request, .client, .grant, .scope, .bearer, .policy, .route, .upstream, .service, .configuration, .silent,
      .documentation, .authorization, .signIn:
      []
    }
  }

  /// Noted for as long as an access token of it may be about.
  private static func containment(of grant: GrantID, _ now: Instant, _ trace: TraceID?) -> [Change] {
    let note = Revocation(
      token: TokenID(grant.value), at: now, by: .containment, expiresAt: now + Lifetime(clamping: 366 * 86_400),
      trace: trace)
    return [.closeGrant(grant, at: now), .insertRevocation(note)]
  }
}
