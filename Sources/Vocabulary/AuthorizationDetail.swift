/// Access to one named thing (RFC 9396 §2, reduced to `type`, `identifier` and `privileges`):
/// "`read_odometer` on the vehicle 36ab27d0".
public struct AuthorizationDetail: Hashable, Sendable {
  /// What kind of thing, as the API's routes name it: `vehicle`.
  public let type: String
  public let identifier: String
  /// The scopes that hold for this thing; empty means all scopes of the token do.
  public let privileges: Scopes

  public init(type: String, identifier: String, privileges: Scopes = .none) {
    self.type = type
    self.identifier = identifier
    self.privileges = privileges
  }

  public func allows(_ scopes: Scopes) -> Bool { privileges.isEmpty || scopes.isSubset(of: privileges) }
}
