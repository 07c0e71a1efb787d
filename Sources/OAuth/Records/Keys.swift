public import Vocabulary

/// A signing key as it is stored: the private part sealed under the key file (RFC 7517 §4).
public struct SigningKeyRecord: Equatable, Sendable {
  public let id: KeyID
  public let algorithm: Excerpt
  public let sealed: [UInt8]
  public let createdAt: Instant
  /// From then on it signs; before that it is only published, so that whoever keeps the key set knows it when its first
  /// token comes. `nil`: from its making on.
  public let signsFrom: Instant?
  /// From then on it signs nothing; said ahead where its successor is published ahead.
  public var retiredAt: Instant?
  /// Until then its public part stays in the key set, since tokens it signed are still out.
  public var publishedUntil: Instant?

  public init(
    id: KeyID, algorithm: Excerpt, sealed: [UInt8], createdAt: Instant, signsFrom: Instant? = nil,
    retiredAt: Instant? = nil, publishedUntil: Instant? = nil
  ) {
    self.id = id
    self.algorithm = algorithm
    self.sealed = sealed
    self.createdAt = createdAt
    self.signsFrom = signsFrom
    self.retiredAt = retiredAt
    self.publishedUntil = publishedUntil
  }
}

extension SigningKeyRecord {
  public enum State: String, Sendable {
    /// Published, and signs later.
    case upcoming
    case active
    /// Signs no more; published until its tokens are over.
    case retired
  }

  public func state(at now: Instant) -> State {
    // One that was replaced before its time came never signs.
    if let retiredAt, retiredAt <= max(now, signsSince) { return .retired }
    if let signsFrom, signsFrom > now { return .upcoming }
    return .active
  }

  /// When it signed, or will sign, its first token.
  public var signsSince: Instant { signsFrom ?? createdAt }
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
