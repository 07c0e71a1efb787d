import StrictJSON
public import Vocabulary

/// Refusals of what is offered in exchange for a token. RFC 6749 §4.1.3, §5.2.
public enum GrantRefusal: RefusalArea {
  case typeUnknown(Excerpt, supported: [GrantType])
  case typeNotRegistered(GrantType, client: ClientID, registered: [GrantType])
  case codeMalformed(Echo)
  case codeUnknown
  case codeExpired(GrantID, at: Instant)
  case codeReused(GrantID, firstAt: Instant)
  case codeClientMismatch(holder: ClientID, presenter: ClientID)
  case codeWithdrawn(GrantID, at: Instant)
  case codeSessionEnded(GrantID, at: Instant)
  case redirectURIMismatch(Echo, expected: Excerpt)
  case verifierMissing(client: ClientID)
  case verifierMismatch(client: ClientID)
  case verifierUnexpected(client: ClientID)

  public enum Name: String, ReasonName {
    case typeUnknown = "grant_type_unknown"
    case typeNotRegistered = "grant_type_not_registered"
    case codeMalformed = "code_malformed"
    case codeUnknown = "code_unknown"
    case codeExpired = "code_expired"
    case codeReused = "code_reused"
    case codeClientMismatch = "code_client_mismatch"
    case codeWithdrawn = "code_withdrawn"
    case codeSessionEnded = "code_session_ended"
    case redirectURIMismatch = "code_redirect_uri_mismatch"
    case verifierMissing = "code_verifier_missing"
    case verifierMismatch = "code_verifier_mismatch"
    case verifierUnexpected = "code_verifier_unexpected"

    public var code: Code {
      switch self {
      case .typeUnknown: .grantTypeUnsupported
      case .typeNotRegistered: .grantTypeNotAllowed
      case .codeMalformed: .codeMalformed
      case .codeUnknown, .codeExpired, .codeReused, .codeClientMismatch, .codeWithdrawn, .codeSessionEnded:
        .codeRejected
      case .redirectURIMismatch: .codeRedirectURIMismatch
      case .verifierMissing: .pkceVerifierMissing
      case .verifierMismatch, .verifierUnexpected: .pkceVerificationFailed
      }
    }
  }

  public var name: Name {
    switch self {
    case .typeUnknown: .typeUnknown
    case .typeNotRegistered: .typeNotRegistered
    case .codeMalformed: .codeMalformed
    case .codeUnknown: .codeUnknown
    case .codeExpired: .codeExpired
    case .codeReused: .codeReused
    case .codeClientMismatch: .codeClientMismatch
    case .codeWithdrawn: .codeWithdrawn
    case .codeSessionEnded: .codeSessionEnded
    case .redirectURIMismatch: .redirectURIMismatch
    case .verifierMissing: .verifierMissing
    case .verifierMismatch: .verifierMismatch
    case .verifierUnexpected: .verifierUnexpected
    }
  }

  public var explanation: Explanation {
    switch self {
    case .typeUnknown(let seen, let supported):
      Explanation(
        "The grant type \(seen) is not offered at this endpoint.",
        expected: supported.map(\.rawValue).joined(separator: ", "), actual: "\(seen)")
    case .typeNotRegistered(let type, let client, let registered):
      Explanation(
        "Client \(client) is not registered for the grant type \(type.rawValue).",
        expected: registered.isEmpty ? "(it has none)" : registered.map(\.rawValue).joined(separator: ", "),
        actual: type.rawValue)
    case .codeMalformed(let echo):
      Explanation(
        "What was sent as authorization code does not have the form of one \(echo).",
        expected: "a code in the form this contract fixes", actual: "another form \(echo)")
    case .codeUnknown:
      Explanation(
        "No authorization code with this fingerprint exists, or it is long gone.",
        expected: "a code issued in the last minutes", actual: "an unknown code")
    case .codeExpired(let grant, let at):
      Explanation(
        "The authorization code of grant \(grant) expired at \(at).", expected: "an exchange before \(at)",
        actual: "a later one")
    case .codeReused(let grant, let firstAt):
      Explanation(
        "The authorization code of grant \(grant) was exchanged at \(firstAt) already; what it gave is revoked.",
        expected: "one exchange", actual: "a second one")
    case .codeClientMismatch(let holder, let presenter):
      Explanation(
        "The authorization code was issued to client \(holder) and is presented by client \(presenter).",
        expected: "\(holder)", actual: "\(presenter)")
    case .codeWithdrawn(let grant, let at):
      Explanation(
        "Grant \(grant) was withdrawn at \(at), before its code was exchanged.", expected: "a grant in force",
        actual: "withdrawn at \(at)")
    case .codeSessionEnded(let grant, let at):
      Explanation(
        "The session in which grant \(grant) was given ended at \(at), before its code was exchanged.",
        expected: "the session still in force", actual: "ended at \(at)")
    case .redirectURIMismatch(let seen, let expected):
      Explanation(
        "The redirect_uri of the exchange is not the one of the authorization request \(seen).",
        expected: "\(expected)", actual: "another one \(seen)")
    case .verifierMissing(let client):
      Explanation(
        "Client \(client) sent a code_challenge and now no code_verifier.", expected: "code_verifier",
        actual: "none")
    case .verifierMismatch(let client):
      Explanation(
        "The code_verifier of client \(client) does not hash to the code_challenge (RFC 7636 §4.6).",
        expected: "the verifier whose SHA-256 is the challenge", actual: "another")
    case .verifierUnexpected(let client):
      Explanation(
        "Client \(client) sends a code_verifier, and its authorization request had no code_challenge.",
        expected: "a code_challenge before", actual: "none")
    }
  }

  public var members: [Member] {
    switch self {
    case .typeUnknown, .typeNotRegistered, .codeUnknown, .codeExpired, .codeReused, .codeClientMismatch,
      .codeWithdrawn, .codeSessionEnded, .verifierMissing, .verifierMismatch, .verifierUnexpected:
      []
    case .codeMalformed(let echo), .redirectURIMismatch(let echo, _): [Member(.presented, .string(echo.reveal()))]
    }
  }
}
