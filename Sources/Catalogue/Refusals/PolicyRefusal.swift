import StrictJSON
public import Vocabulary

/// Refusals of a caller whose token is good, but not for this. RFC 6750 §3.1, RFC 9396 §2.
public enum PolicyRefusal: RefusalArea {
  case scopeMissing(needed: Scopes, held: Scopes)
  case resourceNotGranted(type: Excerpt, identifier: Excerpt, granted: Int)
  case privilegeMissing(needed: Scopes, held: Scopes, type: Excerpt, identifier: Excerpt)

  public enum Name: String, ReasonName {
    case scopeMissing = "scope_missing"
    case resourceNotGranted = "resource_not_granted"
    case privilegeMissing = "privilege_missing"

    public var code: Code {
      switch self {
      case .scopeMissing: .scopeInsufficient
      case .resourceNotGranted, .privilegeMissing: .forbidden
      }
    }
  }

  public var name: Name {
    switch self {
    case .scopeMissing: .scopeMissing
    case .resourceNotGranted: .resourceNotGranted
    case .privilegeMissing: .privilegeMissing
    }
  }

  public var explanation: Explanation {
    switch self {
    case .scopeMissing(let needed, let held):
      Explanation(
        "The route needs \(needed); the token has \(held.isEmpty ? "no scope" : held.description).",
        expected: "\(needed)", actual: held.isEmpty ? "(none)" : "\(held)")
    case .resourceNotGranted(let type, let identifier, let granted):
      Explanation(
        "The token gives no access to the \(type) \(identifier); it names \(granted) of that type.",
        expected: "\(type) \(identifier)", actual: granted == 1 ? "1 other" : "\(granted) others")
    case .privilegeMissing(let needed, let held, let type, let identifier):
      Explanation(
        "The token names the \(type) \(identifier), but not with \(needed).", expected: "\(needed)",
        actual: "\(held)")
    }
  }

  public var members: [Member] {
    switch self {
    case .scopeMissing(let needed, _): [Member(.requiredScope, .string(needed.description))]
    case .resourceNotGranted, .privilegeMissing: []
    }
  }
}
