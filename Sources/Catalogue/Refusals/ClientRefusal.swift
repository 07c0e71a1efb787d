import StrictJSON
public import Vocabulary

/// Refusals of client authentication. RFC 6749 §2.3, §5.2. All that end in the code
/// `CLIENT_AUTHENTICATION_FAILED` are one collapse group: equal in bytes, headers, status and work.
public enum ClientRefusal: RefusalArea {
  case unknown(Excerpt)
  case secretMismatch(ClientID)
  case secretExpired(ClientID, at: Instant)
  case disabled(ClientID)
  case credentialsMalformed(Excerpt)
  case absent(missing: ParameterName)
  case repeated([ClientAuthenticationMethod])
  case identifierConflict(header: Excerpt, body: Excerpt)
  case methodNotRegistered(ClientID, used: ClientAuthenticationMethod, registered: [ClientAuthenticationMethod])

  public enum Name: String, ReasonName {
    case unknown = "client_unknown"
    case secretMismatch = "client_secret_mismatch"
    case secretExpired = "client_secret_expired"
    case disabled = "client_disabled"
    case credentialsMalformed = "client_credentials_malformed"
    case absent = "client_authentication_absent"
    case repeated = "client_authentication_repeated"
    case identifierConflict = "client_identifier_conflict"
    case methodNotRegistered = "client_authentication_method_not_registered"

    public var code: Code {
      switch self {
      case .unknown, .secretMismatch, .secretExpired, .disabled, .credentialsMalformed: .clientAuthenticationFailed
      case .absent: .clientAuthenticationMissing
      case .repeated, .identifierConflict: .clientAuthenticationAmbiguous
      case .methodNotRegistered: .clientAuthenticationMethodNotAllowed
      }
    }
  }

  public var name: Name {
    switch self {
    case .unknown: .unknown
    case .secretMismatch: .secretMismatch
    case .secretExpired: .secretExpired
    case .disabled: .disabled
    case .credentialsMalformed: .credentialsMalformed
    case .absent: .absent
    case .repeated: .repeated
    case .identifierConflict: .identifierConflict
    case .methodNotRegistered: .methodNotRegistered
    }
  }

  public var explanation: Explanation {
    switch self {
    case .unknown(let claimed):
      Explanation(
        "No client is registered as \(claimed).", expected: "the id of a registered client", actual: "\(claimed)")
    case .secretMismatch(let client):
      Explanation(
        "The secret presented for client \(client) is not one of its secrets.",
        expected: "a current secret of \(client)", actual: "another value")
    case .secretExpired(let client, let at):
      Explanation(
        "The secret presented for client \(client) expired at \(at).", expected: "a current secret of \(client)",
        actual: "a secret that expired at \(at)")
    case .disabled(let client):
      Explanation(
        "Client \(client) is disabled.", expected: "an enabled client", actual: "\(client), disabled")
    case .credentialsMalformed(let fault):
      Explanation(
        "The client's Basic credentials cannot be decoded: \(fault).",
        expected: "base64 of form-encoded id, colon, secret (RFC 6749 §2.3.1)", actual: "\(fault)")
    case .absent(let missing):
      Explanation(
        "The client did not authenticate: \(missing) is missing.", expected: "client credentials",
        actual: "no \(missing)")
    case .repeated(let methods):
      Explanation(
        "The client authenticated in more than one way.", expected: "exactly one method (RFC 6749 §2.3)",
        actual: methods.map(\.rawValue).joined(separator: ", "))
    case .identifierConflict(let header, let body):
      Explanation(
        "The Authorization header names client \(header), the body names client \(body).",
        expected: "the same client id in both", actual: "\(header) and \(body)")
    case .methodNotRegistered(let client, let used, let registered):
      Explanation(
        "Client \(client) proved itself by \(used.rawValue), for which it is not registered.",
        expected: registered.map(\.rawValue).joined(separator: ", "), actual: used.rawValue)
    }
  }

  public var members: [Member] {
    switch self {
    case .unknown, .secretMismatch, .secretExpired, .disabled, .credentialsMalformed, .repeated, .identifierConflict,
      .methodNotRegistered:
      []
    case .absent(let missing): [Member(.parameter, .string("\(missing)")), Member(.parameterPlace, "body")]
    }
  }
}
