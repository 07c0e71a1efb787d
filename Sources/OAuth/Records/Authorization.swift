public import StrictJSON
public import Vocabulary

/// A person's browser, signed in (OpenID Connect Core §2: `auth_time`). Found by the digest of its cookie.
public struct Session: Equatable, Sendable {
  public let digest: Digest
  public let subject: SubjectID
  public let username: Excerpt
  public let authenticatedAt: Instant
  public let expiresAt: Instant
  /// Stays when the same person signs in again in the same browser, which gets another cookie.
  public let id: SessionID

  public init(
    digest: Digest, subject: SubjectID, username: Excerpt, authenticatedAt: Instant, expiresAt: Instant,
    id: SessionID? = nil
  ) {
    // A session of an older version has no name of its own.
    self.id = id ?? SessionID(digest.hexadecimal)
    self.digest = digest
    self.subject = subject
    self.username = username
    self.authenticatedAt = authenticatedAt
    self.expiresAt = expiresAt
  }

  /// `nil` for a session that is nowhere stored and so cannot end (test mode).
  public var storedDigest: Digest? { digest == .zero ? nil : digest }
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
  /// The session the person was in; when it ends first, the code ends with it.
  public let session: Digest?
  /// `sid` of the ID token to come.
  public let sessionName: SessionName?
  /// Claims of the ID token that the request asked for by name and the person allowed (OpenID Connect Core §5.5).
  public let identityClaims: [JSON.Member]
  /// Set by the exchange: a code works once.
  public var usedAt: Instant?
  /// The request that exchanged it.
  public var usedBy: TraceID?

  public init(
    digest: Digest, grant: GrantID, contract: Excerpt, client: ClientID, subject: SubjectID, scopes: Scopes,
    details: [AuthorizationDetail], audience: [Audience], redirectURI: RedirectURI?, challenge: CodeChallenge?,
    nonce: Nonce?, authenticatedAt: Instant, expiresAt: Instant, session: Digest? = nil,
    sessionName: SessionName? = nil,
    identityClaims: [JSON.Member] = [], usedAt: Instant? = nil
  ) {
    self.session = session
    self.sessionName = sessionName
    self.identityClaims = identityClaims
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
