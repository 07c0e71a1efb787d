public import Catalogue
public import Vocabulary

extension Refusal {
  /// What else must happen because we said no, written once. Exhaustive by area: whoever adds refusals must say
  /// what they do to the world. RFC 9700 §4.14.2: the server cannot know which party replayed, so all ends.
  public func consequences(now: Instant) -> [Change] {
    switch self {
    case .refreshToken(.reused(let family, let grant, _, _, _, _)):
      [.closeFamily(family, at: now), .closeGrant(grant, at: now)]
    case .refreshToken(.malformed), .refreshToken(.unknown), .refreshToken(.expired), .refreshToken(.familyRevoked),
      .refreshToken(.clientMismatch):
      []
    // RFC 6749 §4.1.2: a code presented twice was intercepted; what it gave is withdrawn.
    case .grant(.codeReused(let grant, _)): [.closeGrant(grant, at: now)]
    case .request, .client, .grant, .scope, .bearer, .policy, .route, .upstream, .service, .configuration, .silent,
      .documentation, .authorization, .signIn:
      []
    }
  }
}
