public import Vocabulary

/// What a client registered about the people it signs in and their sessions (OpenID Connect Core §8, OpenID Connect
/// Back-Channel Logout §2.2).
public struct OpenIDRegistration: Equatable, Sendable {
  public let subjectType: SubjectType
  /// The host that pairwise subjects are made for (Core §8.1); `nil` for public ones.
  public let sector: Sector?
  public let backchannelLogoutURI: BackchannelLogoutURI?
  public let backchannelLogoutSessionRequired: Bool

  public static let standard = OpenIDRegistration()

  public init(
    subjectType: SubjectType = .public, sector: Sector? = nil, backchannelLogoutURI: BackchannelLogoutURI? = nil,
    backchannelLogoutSessionRequired: Bool = false
  ) {
    self.subjectType = subjectType
    self.sector = sector
    self.backchannelLogoutURI = backchannelLogoutURI
    self.backchannelLogoutSessionRequired = backchannelLogoutSessionRequired
  }
}
