public import Vocabulary

/// A signing key as it is stored: the private part sealed under the key file (RFC 7517 §4).
public struct SigningKeyRecord: Equatable, Sendable {
  public let id: KeyID
  public let algorithm: Excerpt
  public let sealed: [UInt8]
  public let createdAt: Instant
  /// From then on it signs nothing.
  public var retiredAt: Instant?
  /// Until then its public part stays in the key set, since tokens it signed are still out.
  public var publishedUntil: Instant?

  public init(
    id: KeyID, algorithm: Excerpt, sealed: [UInt8], createdAt: Instant, retiredAt: Instant? = nil,
    publishedUntil: Instant? = nil
  ) {
    self.id = id
    self.algorithm = algorithm
    self.sealed = sealed
    self.createdAt = createdAt
    self.retiredAt = retiredAt
    self.publishedUntil = publishedUntil
  }
}

/// A person who can sign in (OpenID Connect Core §2: `sub`).
public struct User: Equatable, Sendable {
  public let id: SubjectID
  public let username: Excerpt
  /// An Argon2id hash in its own text form (RFC 9106), salt included.
  public var passwordHash: [UInt8]
  public var isDisabled: Bool
  /// May read why anybody was refused.
  public var isOperator = false
  /// The clients this person develops: may read why those were refused.
  public var develops: [ClientID] = []
  public let createdAt: Instant

  public init(id: SubjectID, username: Excerpt, passwordHash: [UInt8], isDisabled: Bool = false, createdAt: Instant) {
    self.id = id
    self.username = username
    self.passwordHash = passwordHash
    self.isDisabled = isDisabled
    self.createdAt = createdAt
  }
}
