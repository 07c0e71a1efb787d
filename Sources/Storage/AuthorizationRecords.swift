public import OAuth
public import StrictJSON
public import Vocabulary

extension Session: StorableRecord {
  public static var kind: RecordKind { .session }
  public var storageKey: String { digest.hexadecimal }
  public var removableAt: Instant? { expiresAt }
  public var indexes: [String: String] { ["subject": subject.value] }

  public var json: JSON {
    [
      "digest": .string(digest.hexadecimal), "subject": .string(subject.value),
      "username": .string(username.description), "authenticated": authenticatedAt.json,
      "expires": expiresAt.json, "id": .string(id.value),
    ]
  }

  public init?(json: JSON) {
    guard let digest = json["digest"]?.string.flatMap({ Digest(hexadecimal: $0) }),
      let subject = json["subject"]?.string, let username = json["username"]?.string,
      let authenticated = json["authenticated"].flatMap(Instant.init(json:)),
      let expires = json["expires"].flatMap(Instant.init(json:))
    else { return nil }
    self.init(
      digest: digest, subject: SubjectID(subject), username: Excerpt(username), authenticatedAt: authenticated,
      expiresAt: expires, id: json["id"]?.string.map(SessionID.init))
  }
}

extension Consent: StorableRecord {
  public static var kind: RecordKind { .consent }

  public static func storageKey(_ subject: SubjectID, _ client: ClientID) -> String {
    subject.value + " " + client.value
  }

  public var storageKey: String { Self.storageKey(subject, client) }
  public var removableAt: Instant? { nil }
  public var indexes: [String: String] { ["subject": subject.value] }

  public var json: JSON {
    [
      "subject": .string(subject.value), "client": .string(client.value), "scope": .string(scopes.description),
      "details": .array(details.map(\.json)), "created": createdAt.json,
    ]
  }

  public init?(json: JSON) {
    guard let subject = json["subject"]?.string, let client = json["client"]?.string,
      let scopes = Scopes(parsing: json["scope"]?.string ?? ""),
      let created = json["created"].flatMap(Instant.init(json:))
    else { return nil }
    self.init(
      subject: SubjectID(subject), client: ClientID(client), scopes: scopes,
      details: AuthorizationDetail.list(json["details"]), createdAt: created)
  }
}

extension AuthorizationCodeRecord: StorableRecord {
  public static var kind: RecordKind { .authorizationCode }
  public var storageKey: String { digest.hexadecimal }
  /// A day beyond its life, so that a second use of an old code still ends what the first gave (RFC 6749 §4.1.2).
  public var removableAt: Instant? { expiresAt + Lifetime(clamping: 86_400) }

  public var json: JSON {
    var members: [JSON.Member] = [
      .init("digest", .string(digest.hexadecimal)), .init("grant", .string(grant.value)),
      .init("contract", .string(contract.description)), .init("client", .string(client.value)),
      .init("subject", .string(subject.value)), .init("scope", .string(scopes.description)),
      .init("details", .array(details.map(\.json))), .init("audience", .array(audience.map { .string($0.value) })),
      .init("authenticated", authenticatedAt.json), .init("expires", expiresAt.json),
    ]
    if let redirectURI { members.append(.init("redirect_uri", .string(redirectURI.value))) }
    if let challenge { members.append(.init("challenge", .string(challenge.value))) }
    if let nonce { members.append(.init("nonce", .string(nonce.value))) }
    if let session { members.append(.init("session", .string(session.hexadecimal))) }
    if let sessionName { members.append(.init("sid", .string(sessionName.value))) }
    if !identityClaims.isEmpty { members.append(.init("claims", .object(identityClaims))) }
    if let usedAt { members.append(.init("used", usedAt.json)) }
    if let usedBy { members.append(.init("used_by", .string(usedBy.description))) }
    return .object(members)
  }

  public init?(json: JSON) {
    guard let digest = json["digest"]?.string.flatMap({ Digest(hexadecimal: $0) }),
      let grant = json["grant"]?.string, let contract = json["contract"]?.string,
      let client = json["client"]?.string, let subject = json["subject"]?.string,
      let scopes = Scopes(parsing: json["scope"]?.string ?? ""),
      let authenticated = json["authenticated"].flatMap(Instant.init(json:)),
      let expires = json["expires"].flatMap(Instant.init(json:))
    else { return nil }
    self.init(
      digest: digest, grant: GrantID(grant), contract: Excerpt(contract), client: ClientID(client),
      subject: SubjectID(subject), scopes: scopes, details: AuthorizationDetail.list(json["details"]),
      audience: Audience.list(json["audience"]),
      redirectURI: json["redirect_uri"]?.string.flatMap { try? RedirectURI($0) },
      challenge: json["challenge"]?.string.map(CodeChallenge.init), nonce: json["nonce"]?.string.map(Nonce.init),
      authenticatedAt: authenticated,
      expiresAt: expires, session: json["session"]?.string.flatMap { Digest(hexadecimal: $0) },
      sessionName: json["sid"]?.string.map(SessionName.init), identityClaims: json["claims"]?.members ?? [],
      usedAt: json["used"].flatMap(Instant.init(json:)))
    usedBy = json["used_by"]?.string.flatMap { TraceID($0) }
  }
}
