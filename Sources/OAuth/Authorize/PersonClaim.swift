public import StrictJSON
public import Vocabulary

/// The claims about a person that this server has (OpenID Connect Core §5.1), and the scope as which each is asked of
/// the person (§5.4).
public enum PersonClaim: String, CaseIterable, Sendable {
  case preferredUsername = "preferred_username"
  case email

  public var scope: Scope? {
    switch self {
    case .preferredUsername: Scope("profile")
    case .email: Scope("email")
    }
  }

  /// `nil` when the person has no such thing.
  public func value(username: Excerpt) -> JSON? {
    let name = username.description
    switch self {
    case .preferredUsername: return .string(name)
    case .email: return name.contains("@") ? .string(name) : nil
    }
  }

  /// The members of a set of claims, as far as these scopes go.
  public static func members(
    of wanted: [PersonClaim], username: Excerpt, within scopes: Scopes
  ) -> [JSON.Member] {
    wanted.compactMap { claim in
      guard let scope = claim.scope, scopes.contains(scope), let value = claim.value(username: username) else {
        return nil
      }
      return JSON.Member(claim.rawValue, value)
    }
  }
}
