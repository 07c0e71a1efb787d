public import Vocabulary

/// Refusals that look like success on the wire, because the specification says so, and are recorded all the same.
/// RFC 7662 §2.2 (`active: false`, never why), RFC 7009 §2.2 (200 for an unknown token). What was asked for on purpose
/// and not given is recorded in the same way.
public enum SilentRefusal: RefusalArea {
  case introspectedTokenRefused(BearerRefusal.Name)
  case introspectedRefreshTokenRefused(RefreshTokenRefusal.Name)
  case introspectionNotEntitled(asker: ClientID, holder: ClientID)
  case revocationTokenUnknown
  case revocationNotOwner(asker: ClientID, holder: ClientID)
  case provocationOnLive(Excerpt)
  case provocationUnproven(Excerpt)

  public enum Name: String, ReasonName {
    case introspectedTokenRefused = "introspected_token_refused"
    case introspectedRefreshTokenRefused = "introspected_refresh_token_refused"
    case introspectionNotEntitled = "introspection_asker_not_entitled"
    case revocationTokenUnknown = "revocation_token_unknown"
    case revocationNotOwner = "revocation_not_owner"
    case provocationOnLive = "provocation_on_live"
    case provocationUnproven = "provocation_unproven"

    public var code: Code {
      switch self {
      case .introspectedTokenRefused, .introspectedRefreshTokenRefused, .introspectionNotEntitled:
        .introspectionInactive
      case .revocationTokenUnknown, .revocationNotOwner: .revocationIgnored
      case .provocationOnLive, .provocationUnproven: .provocationIgnored
      }
    }
  }

  public var name: Name {
    switch self {
    case .introspectedTokenRefused: .introspectedTokenRefused
    case .introspectedRefreshTokenRefused: .introspectedRefreshTokenRefused
    case .introspectionNotEntitled: .introspectionNotEntitled
    case .revocationTokenUnknown: .revocationTokenUnknown
    case .revocationNotOwner: .revocationNotOwner
    case .provocationOnLive: .provocationOnLive
    case .provocationUnproven: .provocationUnproven
    }
  }

  public var explanation: Explanation {
    switch self {
    case .introspectedTokenRefused(let reason):
      Explanation(
        "The introspected token would be refused: \(reason.rawValue).", expected: "an access token in force",
        actual: reason.rawValue)
    case .introspectedRefreshTokenRefused(let reason):
      Explanation(
        "The introspected refresh token would be refused: \(reason.rawValue).", expected: "a refresh token in force",
        actual: reason.rawValue)
    case .introspectionNotEntitled(let asker, let holder):
      Explanation(
        "Client \(asker) asked about a token of client \(holder) and is not among its audience.",
        expected: "\(holder), or a client registered to introspect", actual: "\(asker)")
    case .revocationTokenUnknown:
      Explanation(
        "The token to revoke is not known; the answer is 200 all the same (RFC 7009 §2.2).",
        expected: "a token issued here", actual: "an unknown token")
    case .revocationNotOwner(let asker, let holder):
      Explanation(
        "Client \(asker) asked to revoke a token of client \(holder); nothing was revoked.", expected: "\(holder)",
        actual: "\(asker)")
    case .provocationOnLive(let means):
      Explanation(
        "A refusal was asked for on purpose by \(means); this server is live, so it did nothing.",
        expected: "a server in test mode", actual: "\(means) on a live server")
    case .provocationUnproven(let place):
      Explanation(
        "A refusal was asked for on purpose by a caller who was not proven \(place), so it did nothing.",
        expected: "a proven caller", actual: "Provoke-Refusal without proof")
    }
  }
}
