public import Vocabulary

/// What a person gave a client, or a client got for itself (RFC 6749 §1.3).
public struct Grant: Equatable, Sendable {
  public let id: GrantID
  public let client: ClientID
  public let subject: SubjectID
  public let scopes: Scopes
  public let details: [AuthorizationDetail]
  public let createdAt: Instant
  /// When nothing that came of it can be in force any more; `nil` for what a person gave, which they may withdraw.
  public let expiresAt: Instant?
  /// The request that gave it.
  public var trace: TraceID?
  /// The session a person was in when they gave it.
  public let session: SessionID?

  public init(
    id: GrantID, client: ClientID, subject: SubjectID, scopes: Scopes, details: [AuthorizationDetail],
    createdAt: Instant, expiresAt: Instant? = nil, trace: TraceID? = nil, session: SessionID? = nil
  ) {
    self.trace = trace
    self.session = session
    self.id = id
    self.client = client
    self.subject = subject
    self.scopes = scopes
    self.details = details
    self.createdAt = createdAt
    self.expiresAt = expiresAt
  }
}

/// The line of refresh tokens from one grant (RFC 9700 §4.14.2). One record, so rotation is one compare-and-swap.
public struct TokenFamily: Equatable, Sendable {
  public let id: FamilyID
  public let grant: GrantID
  /// The contract whose endpoint opened it: its rotation rule holds, and no other endpoint takes its tokens.
  public let contract: Excerpt
  public let client: ClientID
  public let subject: SubjectID
  public let scopes: Scopes
  public let details: [AuthorizationDetail]
  public let audience: [Audience]
  /// Counts rotations; the first token is generation 1.
  public var generation: Int64
  public var rotatedAt: Instant
  /// Mixed with the presented token to make its successor, see `RefreshTokenGrant`.
  public var salt: Digest
  public let createdAt: Instant
  public let expiresAt: Instant
  /// The requests that opened it and rotated it last.
  public var openedBy: TraceID?
  public var rotatedBy: TraceID?

  public init(
    id: FamilyID, grant: GrantID, contract: Excerpt, client: ClientID, subject: SubjectID, scopes: Scopes,
    details: [AuthorizationDetail],
    audience: [Audience], generation: Int64, rotatedAt: Instant, salt: Digest, createdAt: Instant, expiresAt: Instant
  ) {
    self.id = id
    self.grant = grant
    self.contract = contract
    self.client = client
    self.subject = subject
    self.scopes = scopes
    self.details = details
    self.audience = audience
    self.generation = generation
    self.rotatedAt = rotatedAt
    self.salt = salt
    self.createdAt = createdAt
    self.expiresAt = expiresAt
  }
}

/// Which family a refresh token belongs to, found by the token's digest (RFC 6749 §6).
public struct RefreshTokenRecord: Equatable, Sendable {
  public let digest: Digest
  public let family: FamilyID
  public let generation: Int64
  public let expiresAt: Instant

  public init(digest: Digest, family: FamilyID, generation: Int64, expiresAt: Instant) {
    self.digest = digest
    self.family = family
    self.generation = generation
    self.expiresAt = expiresAt
  }
}

/// What an access token says, whichever form it has (RFC 9068 §2.2, RFC 7662 §2.2).
public struct AccessTokenFacts: Equatable, Sendable {
  /// `jti`: names the token in revocations.
  public let id: TokenID
  public let client: ClientID
  public let subject: SubjectID
  public let scopes: Scopes
  public let details: [AuthorizationDetail]
  public let audience: [Audience]
  public let grant: GrantID?
  public let family: FamilyID?
  public let issuedAt: Instant
  public let notBefore: Instant?
  public let expiresAt: Instant

  public init(
    id: TokenID, client: ClientID, subject: SubjectID, scopes: Scopes, details: [AuthorizationDetail],
    audience: [Audience], grant: GrantID?, family: FamilyID?, issuedAt: Instant, notBefore: Instant? = nil,
    expiresAt: Instant
  ) {
    self.id = id
    self.client = client
    self.subject = subject
    self.scopes = scopes
    self.details = details
    self.audience = audience
    self.grant = grant
    self.family = family
    self.issuedAt = issuedAt
    self.notBefore = notBefore
    self.expiresAt = expiresAt
  }
}

/// An opaque or UUID access token: its digest, and what it stands for (RFC 6749 §1.4).
public struct AccessTokenRecord: Equatable, Sendable {
  public let digest: Digest
  public let facts: AccessTokenFacts

  public init(digest: Digest, facts: AccessTokenFacts) {
    self.digest = digest
    self.facts = facts
  }
}

/// That one access token was withdrawn before its time (RFC 7009 §2). Kept until the token would have expired.
public struct Revocation: Equatable, Sendable {
  public enum Author: String, Sendable {
    case client
    case `operator`
    /// The person whose grant it was.
    case person
    /// The server itself, after a code or refresh token was used twice (RFC 9700 §4.14.2).
    case containment
  }

  /// `AccessTokenFacts.id`.
  public let token: TokenID
  public let at: Instant
  public let by: Author
  public let expiresAt: Instant
  /// The request that revoked it; `nil` for a command.
  public let trace: TraceID?

  public init(token: TokenID, at: Instant, by: Author, expiresAt: Instant, trace: TraceID? = nil) {
    self.trace = trace
    self.token = token
    self.at = at
    self.by = by
    self.expiresAt = expiresAt
  }
}
