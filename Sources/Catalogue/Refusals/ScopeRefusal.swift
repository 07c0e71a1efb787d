import StrictJSON
public import Vocabulary

/// Refusals of what a token should be good for. RFC 6749 §3.3, §6; RFC 8707 §2.
public enum ScopeRefusal: RefusalArea {
  case malformed
  case notRegistered(Scopes, client: ClientID, registered: Scopes)
  case widened(Scopes, granted: Scopes)
  case resourceMalformed(Excerpt)
  case resourceUnknown(Excerpt, known: [Excerpt])

  public enum Name: String, ReasonName {
    case malformed = "scope_malformed"
    case notRegistered = "scope_not_registered"
    case widened = "scope_widened"
    case resourceMalformed = "resource_malformed"
    case resourceUnknown = "resource_unknown"

    public var code: Code {
      switch self {
      case .malformed, .notRegistered, .widened: .scopeInvalid
      case .resourceMalformed, .resourceUnknown: .resourceIndicatorInvalid
      }
    }
  }

  public var name: Name {
    switch self {
    case .malformed: .malformed
    case .notRegistered: .notRegistered
    case .widened: .widened
    case .resourceMalformed: .resourceMalformed
    case .resourceUnknown: .resourceUnknown
    }
  }

  public var explanation: Explanation {
    switch self {
    case .malformed:
      Explanation(
        "The scope parameter has a character that RFC 6749 §3.3 does not allow.",
        expected: "printable ASCII tokens separated by single spaces", actual: "another character")
    case .notRegistered(let scopes, let client, let registered):
      Explanation(
        "Client \(client) asked for \(scopes), for which it is not registered.", expected: "\(registered)",
        actual: "\(scopes)")
    case .widened(let scopes, let granted):
      Explanation(
        "The refresh asks for \(scopes), which the original grant does not have (RFC 6749 §6).",
        expected: "\(granted)", actual: "\(scopes)")
    case .resourceMalformed(let seen):
      Explanation(
        "The resource indicator \(seen) is not an absolute URI without fragment.",
        expected: "an absolute URI without fragment (RFC 8707 §2)", actual: "\(seen)")
    case .resourceUnknown(let seen, let known):
      Explanation(
        "No API is known as \(seen), or the grant is not for it.",
        expected: known.map(\.description).joined(separator: ", "), actual: "\(seen)")
    }
  }
}
