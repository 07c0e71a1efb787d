/// A name that cannot be mixed up with one of another kind: a `ClientID` is not a `SubjectID`.
public struct Identifier<Kind>: Hashable, Sendable, CustomStringConvertible {
  public let value: String

  public init(_ value: String) { self.value = value }

  public var description: String { value }

  /// By bytes: Swift's own `==` takes the Kelvin sign for a K.
  public static func == (a: Identifier, b: Identifier) -> Bool { a.value.utf8.elementsEqual(b.value.utf8) }
}

public enum ClientKind {}
public enum SubjectKind {}
public enum GrantKind {}
public enum FamilyKind {}
public enum KeyKind {}
public enum APIKind {}

/// The name of a registered client (RFC 6749 §2.2).
public typealias ClientID = Identifier<ClientKind>
/// Who a token speaks for: a person, or the client itself (RFC 9068 §2.2).
public typealias SubjectID = Identifier<SubjectKind>
/// What a person, or a client for itself, allowed.
public typealias GrantID = Identifier<GrantKind>
/// The line of refresh tokens that descends from one grant (RFC 9700 §4.14.2).
public typealias FamilyID = Identifier<FamilyKind>
/// The name of a signing key (`kid`, RFC 7517 §4.5).
public typealias KeyID = Identifier<KeyKind>
/// The name of a mounted API.
public typealias APIID = Identifier<APIKind>

public enum AudienceKind {}
public enum TokenKind {}
public enum SessionKind {}
public enum SessionNameKind {}
public enum SectorKind {}
public enum LogoutNoticeKind {}

/// Whom a token is for: the identifier of an API (RFC 9068 §3, RFC 8707 §2).
public typealias Audience = Identifier<AudienceKind>
/// The name of one access token (`jti`, RFC 7519 §4.1.7).
public typealias TokenID = Identifier<TokenKind>
/// A person's stay in one browser, over every time they prove themselves anew in it (OpenID Connect Back-Channel Logout §2.1).
public typealias SessionID = Identifier<SessionKind>
/// What one client knows a session by: `sid` (OpenID Connect Back-Channel Logout §2.1).
public typealias SessionName = Identifier<SessionNameKind>
/// The host whose clients share a name for each person (OpenID Connect Core §8.1).
public typealias Sector = Identifier<SectorKind>
/// The name of a notice that waits to be sent.
public typealias LogoutNoticeID = Identifier<LogoutNoticeKind>
