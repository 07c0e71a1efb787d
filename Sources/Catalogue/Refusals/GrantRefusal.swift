import StrictJSON
public import Vocabulary

/// Refusals of what is offered in exchange for a token. RFC 6749 §4.1.3, §5.2.
public enum GrantRefusal: RefusalArea {
  case typeUnknown(Excerpt, supported: [GrantType])
  case typeNotRegistered(GrantType, client: ClientID, registered: [GrantType])
  case codeMalformed(Echo)
  case codeUnknown

  public enum Name: String, ReasonName {
    case typeUnknown = "grant_type_unknown"
    case typeNotRegistered = "grant_type_not_registered"
    case codeMalformed = "code_malformed"
    case codeUnknown = "code_unknown"

    public var code: Code {
      switch self {
      case .typeUnknown: .grantTypeUnsupported
      case .typeNotRegistered: .grantTypeNotAllowed
      case .codeMalformed: .codeMalformed
      case .codeUnknown: .codeRejected
      }
    }
  }

  public var name: Name {
    switch self {
    case .typeUnknown: .typeUnknown
    case .typeNotRegistered: .typeNotRegistered
    case .codeMalformed: .codeMalformed
    case .codeUnknown: .codeUnknown
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
        expected: registered.map(\.rawValue).joined(separator: ", "), actual: type.rawValue)
    case .codeMalformed(let echo):
      Explanation(
        "What was sent as authorization code does not have the form of one \(echo).",
        expected: "a code in the form this contract fixes", actual: "another form \(echo)")
    case .codeUnknown:
      Explanation(
        "No authorization code with this fingerprint exists, or it is long gone.",
        expected: "a code issued in the last minutes", actual: "an unknown code")
    }
  }

  public var members: [Member] {
    switch self {
    case .typeUnknown, .typeNotRegistered, .codeUnknown: []
    case .codeMalformed(let echo): [Member(.presented, .string(echo.reveal()))]
    }
  }
}
