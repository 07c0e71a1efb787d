public import Vocabulary

/// A registered client (RFC 6749 §2, RFC 7591 §2).
public struct Client: Equatable, Sendable {
  /// One of a client's secrets; several may be current while one is rotated.
  public struct SecretDigest: Equatable, Sendable {
    public let digest: Digest
    public let createdAt: Instant
    public var expiresAt: Instant?

    public init(digest: Digest, createdAt: Instant, expiresAt: Instant? = nil) {
      self.digest = digest
      self.createdAt = createdAt
      self.expiresAt = expiresAt
    }
  }

  public let id: ClientID
  public var name: ClientName
  public var secrets: [SecretDigest]
  public var methods: [ClientAuthenticationMethod]
  public var grants: [GrantType]
  public var scopes: Scopes
  public var redirectURIs: [RedirectURI]
  /// Things the client itself may touch (RFC 9396 §2), carried by its client-credentials tokens.
  public var details: [AuthorizationDetail]
  /// Whether it may ask about tokens of others (RFC 7662 §4: a resource server).
  public var introspectsAll: Bool
  public var openID: OpenIDRegistration
  public var isDisabled: Bool
  public let createdAt: Instant

  public init(
    id: ClientID, name: ClientName, secrets: [SecretDigest], methods: [ClientAuthenticationMethod], grants: [GrantType],
    scopes: Scopes, redirectURIs: [RedirectURI] = [], details: [AuthorizationDetail] = [], introspectsAll: Bool = false,
    openID: OpenIDRegistration = .standard, isDisabled: Bool = false, createdAt: Instant
  ) {
    self.id = id
    self.name = name
    self.secrets = secrets
    self.methods = methods
    self.grants = grants
    self.scopes = scopes
    self.redirectURIs = redirectURIs
    self.details = details
    self.introspectsAll = introspectsAll
    self.openID = openID
    self.isDisabled = isDisabled
    self.createdAt = createdAt
  }

  /// RFC 6749 §2.1.
  public var isPublic: Bool { methods == [.none] }
}
