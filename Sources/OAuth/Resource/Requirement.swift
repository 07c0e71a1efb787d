public import Vocabulary

/// What a route of an API demands of a caller (RFC 6750 §3.1, RFC 9396 §2).
public struct Requirement: Equatable, Sendable {
  /// All of these.
  public let scopes: Scopes
  /// A thing named in the path, which the token must give access to.
  public let resource: AuthorizationDetail?

  public init(scopes: Scopes, resource: AuthorizationDetail? = nil) {
    self.scopes = scopes
    self.resource = resource
  }

  /// Decides whether a verified token suffices. RFC 6750 §3.1 `insufficient_scope`.
  public func permits(_ token: AccessTokenFacts) -> PolicyDenial? {
    guard scopes.isSubset(of: token.scopes) else { return .scope }
    guard let resource else { return nil }
    let ofType = token.details.filter { $0.type == resource.type }
    guard let detail = ofType.first(where: { $0.identifier.utf8.elementsEqual(resource.identifier.utf8) }) else {
      return .resource(granted: ofType.count)
    }
    return detail.allows(scopes) ? nil : .privilege(held: detail.privileges)
  }
}

public enum PolicyDenial: Equatable, Sendable {
  case scope
  case privilege(held: Scopes)
  case resource(granted: Int)
}
