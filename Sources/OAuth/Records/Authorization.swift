public import Vocabulary

/// A person's browser, signed in (OpenID Connect Core §2: `auth_time`). Found by the digest of its cookie.
public struct Session: Equatable, Sendable {
  public let digest: Digest
  public let subject: SubjectID
  public let username: Excerpt
  public let authenticatedAt: Instant
  public let expiresAt: Instant

  public init(digest: Digest, subject: SubjectID, username: Excerpt, authenticatedAt: Instant, expiresAt: Instant) {
    self.digest = digest
    self.subject = subject
    self.username = username
    self.authenticatedAt = authenticatedAt
    self.expiresAt = expiresAt
  }
}

/// What a person has agreed to share with a client, so that they are not asked again (OpenID Connect Core §3.1.2.4).
public struct Consent: Equatable, Sendable {
  public let subject: SubjectID
  public let client: ClientID
  public let scopes: Scopes
  public let details: [AuthorizationDetail]
  public let createdAt: Instant

  public init(
    subject: SubjectID, client: ClientID, scopes: Scopes, details: [AuthorizationDetail], createdAt: Instant
  ) {
    self.subject = subject
    self.client = client
    self.scopes = scopes
    self.details = details
    self.createdAt = createdAt
  }
}

/// An authorization code: its digest, and what it stands for (RFC 6749 §4.1.2, RFC 7636 §4.4).
public struct AuthorizationCodeRecord: Equatable, Sendable {
  public let digest: Digest
  public let grant: GrantID
  /// The contract whose endpoint issued it; no other endpoint takes it.
  public let contract: Excerpt
  public let client: ClientID
  public let subject: SubjectID
  public let scopes: Scopes
  public let details: [AuthorizationDetail]
  public let audience: [Audience]
  /// As the request wrote it; `nil` when it named none (RFC 6749 §4.1.3).
  public let redirectURI: RedirectURI?
  /// The S256 challenge.
  public let challenge: CodeChallenge?
  public let nonce: Nonce?
  public let authenticatedAt: Instant
  public let expiresAt: Instant
  /// Set by the exchange: a code works once.
  public var usedAt: Instant?

  public init(
    digest: Digest, grant: GrantID, contract: Excerpt, client: ClientID, subject: SubjectID, scopes: Scopes,
    details: [AuthorizationDetail], audience: [Audience], redirectURI: RedirectURI?, challenge: CodeChallenge?,
    nonce: Nonce?, authenticatedAt: Instant, expiresAt: Instant, usedAt: Instant? = nil
  ) {
    self.digest = digest
    self.grant = grant
    self.contract = contract
    self.client = client
    self.subject = subject
    self.scopes = scopes
    self.details = details
    self.audience = audience
    self.redirectURI = redirectURI
    self.challenge = challenge
    self.nonce = nonce
    self.authenticatedAt = authenticatedAt
    self.expiresAt = expiresAt
    self.usedAt = usedAt
  }
}
