import StrictJSON
public import Vocabulary

/// Refusals of a refresh token. RFC 6749 §5.2, §6; RFC 9700 §4.14. Except for `malformed` they are one collapse
/// group: "already used" tells a thief that the victim was faster.
public enum RefreshTokenRefusal: RefusalArea {
  case malformed(Echo)
  case unknown
  case expired(family: FamilyID, at: Instant)
  case reused(family: FamilyID, grant: GrantID, presented: Int64, current: Int64, rotatedAt: Instant, grace: Lifetime)
  case familyRevoked(family: FamilyID, at: Instant)
  case clientMismatch(holder: ClientID, presenter: ClientID)

  public enum Name: String, ReasonName {
    case malformed = "refresh_token_malformed"
    case unknown = "refresh_token_unknown"
    case expired = "refresh_token_expired"
    case reused = "refresh_token_reused"
    case familyRevoked = "refresh_token_family_revoked"
    case clientMismatch = "refresh_token_client_mismatch"

    public var code: Code {
      switch self {
      case .malformed: .refreshTokenMalformed
      case .unknown, .expired, .reused, .familyRevoked, .clientMismatch: .refreshTokenRejected
      }
    }
  }

  public var name: Name {
    switch self {
    case .malformed: .malformed
    case .unknown: .unknown
    case .expired: .expired
    case .reused: .reused
    case .familyRevoked: .familyRevoked
    case .clientMismatch: .clientMismatch
    }
  }

  public var explanation: Explanation {
    switch self {
    case .malformed(let echo):
      Explanation(
        "What was sent as refresh token does not have the form of one \(echo).",
        expected: "a refresh token in the form this contract fixes", actual: "another form \(echo)")
    case .unknown:
      Explanation(
        "No refresh token with this fingerprint exists, or its family is long gone.",
        expected: "the newest refresh token of a family", actual: "an unknown refresh token")
    case .expired(let family, let at):
      Explanation(
        "The refresh token's family \(family) expired at \(at).", expected: "use before \(at)", actual: "use after it")
    case .reused(let family, let grant, let presented, let current, let rotatedAt, let grace):
      Explanation(
        "Generation \(presented) of family \(family) was presented, generation \(current) is current since \(rotatedAt), "
          + "and the \(grace) in which a lost answer may be asked for again are over; the family of grant \(grant) was revoked.",
        expected: "generation \(current), or \(current - 1) within \(grace) of the rotation",
        actual: "generation \(presented)")
    case .familyRevoked(let family, let at):
      Explanation(
        "The refresh token's family \(family) was revoked at \(at).", expected: "a family that was not revoked",
        actual: "revoked at \(at)")
    case .clientMismatch(let holder, let presenter):
      Explanation(
        "The refresh token belongs to client \(holder), but client \(presenter) presented it.",
        expected: "\(holder)", actual: "\(presenter)")
    }
  }

  public var members: [Member] {
    switch self {
    case .unknown, .expired, .reused, .familyRevoked, .clientMismatch: []
    case .malformed(let echo): [Member(.presented, .string(echo.reveal()))]
    }
  }
}
