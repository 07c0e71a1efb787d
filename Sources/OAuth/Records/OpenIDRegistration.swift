public import Vocabulary

/// What a client registered about the people it signs in and their sessions (OpenID Connect Core §8, OpenID Connect
/// Back-Channel Logout §2.2, OpenID Connect RP-Initiated Logout §3.1).
public struct OpenIDRegistration: Equatable, Sendable {
  public let subjectType: SubjectType
  /// The host that pairwise subjects are made for (Core §8.1); `nil` for public ones.
  public let sector: Sector?
  public let backchannelLogoutURI: BackchannelLogoutURI?
  public let backchannelLogoutSessionRequired: Bool
  /// Where a person may be sent after signing out; with none, the redirect URIs count.
  public var postLogoutRedirectURIs: [RedirectURI]

  public static let standard = OpenIDRegistration()

  public init(
    subjectType: SubjectType = .public, sector: Sector? = nil, backchannelLogoutURI: BackchannelLogoutURI? = nil,
    backchannelLogoutSessionRequired: Bool = false, postLogoutRedirectURIs: [RedirectURI] = []
  ) {
    self.subjectType = subjectType
    self.sector = sector
    self.backchannelLogoutURI = backchannelLogoutURI
    self.backchannelLogoutSessionRequired = backchannelLogoutSessionRequired
    self.postLogoutRedirectURIs = postLogoutRedirectURIs
  }
}
