public import Vocabulary

/// A write as a value (RFC 6749 says nothing of storage; RFC 9700 §4.14.2 needs it atomic). Closing is one-way
/// and idempotent, so a refusal can order it by id alone.
public enum Change: Equatable, Sendable {
  case insertGrant(Grant)
  case insertFamily(TokenFamily)
  /// Conflicts unless the family is still at that version.
  case replaceFamily(TokenFamily, expecting: Int64)
  case insertRefreshToken(RefreshTokenRecord)
  case insertAccessToken(AccessTokenRecord)
  case insertRevocation(Revocation)
  case insertCode(AuthorizationCodeRecord)
  /// Conflicts unless the code is still at that version: of two exchanges at once one wins.
  case replaceCode(AuthorizationCodeRecord, expecting: Int64)
  case saveConsent(Consent, replacing: Int64?)
  /// Conflicts unless the consent is still at that version: of a code and a withdrawal at once one wins.
  case requireConsent(SubjectID, ClientID, at: Int64)
  /// Conflicts unless the person's account is still at that version.
  case requireUser(Excerpt, at: Int64)
  case insertSession(Session)
  /// Conflicts unless the session is still in force and at that version: of a code and a sign-out at once one wins, and
  /// the sign-out finds the grant.
  case replaceSession(Session, expecting: Int64)
  case closeGrant(GrantID, at: Instant)
  case closeFamily(FamilyID, at: Instant)
}

/// A record and the version it was read at.
public struct Versioned<Record: Sendable>: Sendable {
  public let record: Record
  public let version: Int64
  public let closedAt: Instant?

  public init(_ record: Record, version: Int64, closedAt: Instant?) {
    self.record = record
    self.version = version
    self.closedAt = closedAt
  }
}
