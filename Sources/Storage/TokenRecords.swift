public import OAuth
public import StrictJSON
public import Vocabulary

extension Grant: StorableRecord {
  public static var kind: RecordKind { .grant }
  public var storageKey: String { id.value }
  public var removableAt: Instant? { expiresAt }
  public var indexes: [String: String] {
    var indexes = ["client": client.value, "subject": subject.value]
    indexes["session"] = session?.value
    return indexes
  }

  public var json: JSON {
    var members: [JSON.Member] = [
      .init("id", .string(id.value)), .init("client", .string(client.value)), .init("subject", .string(subject.value)),
      .init("scope", .string(scopes.description)), .init("details", .array(details.map(\.json))),
      .init("created", createdAt.json),
    ]
    if let expiresAt { members.append(.init("expires", expiresAt.json)) }
    if let trace { members.append(.init("trace", .string(trace.description))) }
    if let session { members.append(.init("session", .string(session.value))) }
    return .object(members)
  }

  public init?(json: JSON) {
    guard let id = json["id"]?.string, let client = json["client"]?.string, let subject = json["subject"]?.string,
      let scopes = Scopes(parsing: json["scope"]?.string ?? ""),
      let created = json["created"].flatMap(Instant.init(json:))
    else { return nil }
    self.init(
      id: GrantID(id), client: ClientID(client), subject: SubjectID(subject), scopes: scopes,
      details: AuthorizationDetail.list(json["details"]), createdAt: created,
      expiresAt: json["expires"].flatMap(Instant.init(json:)), trace: json["trace"]?.string.flatMap { TraceID($0) },
      session: json["session"]?.string.map(SessionID.init))
  }
}

extension Store {
  /// The grants of a person that are not closed; to one client, where one is named.
  public func grants(of subject: SubjectID, to client: ClientID? = nil) async throws(StoreFailure) -> [Grant] {
    var grants: [Grant] = []
    var after: String?
    repeat {
      let page = try await list(.indexed(.grant, index: "subject", value: subject.value, after: after, limit: 200))
      for stored in page where stored.closedAt == nil {
        let grant = try stored.decode(Grant.self).record
        if client == nil || grant.client == client { grants.append(grant) }
      }
      after = page.count == 200 ? page.last?.key.key : nil
    } while after != nil
    return grants
  }
}

extension TokenFamily: StorableRecord {
  public static var kind: RecordKind { .tokenFamily }
  public var storageKey: String { id.value }
  public var removableAt: Instant? { expiresAt }

  public var json: JSON {
    .object(
      members
        + [("opened_by", openedBy), ("rotated_by", rotatedBy)].compactMap { name, trace in
          trace.map { .init(name, .string($0.description)) }
        })
  }

  private var members: [JSON.Member] {
    let json: JSON = [
      "id": .string(id.value), "grant": .string(grant.value), "contract": .string(contract.description),
      "client": .string(client.value),
      "subject": .string(subject.value), "scope": .string(scopes.description), "details": .array(details.map(\.json)),
      "audience": .array(audience.map { .string($0.value) }), "generation": .integer(generation),
      "rotated": rotatedAt.json, "salt": .string(salt.hexadecimal), "created": createdAt.json,
      "expires": expiresAt.json,
    ]
    return json.members ?? []
  }

  public init?(json: JSON) {
    guard let id = json["id"]?.string, let grant = json["grant"]?.string,
      let contract = json["contract"]?.string, let client = json["client"]?.string,
      let subject = json["subject"]?.string, let scopes = Scopes(parsing: json["scope"]?.string ?? ""),
      let generation = json["generation"]?.integer, let rotated = json["rotated"].flatMap(Instant.init(json:)),
      let salt = json["salt"]?.string.flatMap({ Digest(hexadecimal: $0) }),
      let created = json["created"].flatMap(Instant.init(json:)),
      let expires = json["expires"].flatMap(Instant.init(json:))
    else { return nil }
    self.init(
      id: FamilyID(id), grant: GrantID(grant), contract: Excerpt(contract), client: ClientID(client),
      subject: SubjectID(subject), scopes: scopes,
      details: AuthorizationDetail.list(json["details"]), audience: Audience.list(json["audience"]),
      generation: generation, rotatedAt: rotated, salt: salt, createdAt: created, expiresAt: expires)
    openedBy = json["opened_by"]?.string.flatMap { TraceID($0) }
    rotatedBy = json["rotated_by"]?.string.flatMap { TraceID($0) }
  }
}

extension RefreshTokenRecord: StorableRecord {
  public static var kind: RecordKind { .refreshToken }
  public var storageKey: String { digest.hexadecimal }
  public var removableAt: Instant? { expiresAt }
  public var json: JSON {
    [
      "family": .string(family.value), "generation": .integer(generation), "digest": .string(digest.hexadecimal),
      "expires": expiresAt.json,
    ]
  }

  public init?(json: JSON) {
    guard let family = json["family"]?.string, let generation = json["generation"]?.integer,
      let digest = json["digest"]?.string.flatMap({ Digest(hexadecimal: $0) }),
      let expires = json["expires"].flatMap(Instant.init(json:))
    else { return nil }
    self.init(digest: digest, family: FamilyID(family), generation: generation, expiresAt: expires)
  }
}

extension AccessTokenRecord: StorableRecord {
  public static var kind: RecordKind { .accessToken }
  public var storageKey: String { digest.hexadecimal }
  /// Kept a day beyond its life, so that "expired" can be told from "unknown" (one contract promises that).
  public var removableAt: Instant? { facts.expiresAt + Lifetime(clamping: 86_400) }
  public var json: JSON {
    ["digest": .string(digest.hexadecimal), "facts": facts.stored]
  }

  public init?(json: JSON) {
    guard let digest = json["digest"]?.string.flatMap({ Digest(hexadecimal: $0) }),
      let facts = json["facts"].flatMap(AccessTokenFacts.init(stored:))
    else { return nil }
    self.init(digest: digest, facts: facts)
  }
}

extension Revocation: StorableRecord {
  public static var kind: RecordKind { .revocation }
  public var storageKey: String { token.value }
  public var removableAt: Instant? { expiresAt }
  public var json: JSON {
    var members: [JSON.Member] = [
      .init("token", .string(token.value)), .init("at", at.json), .init("by", .string(by.rawValue)),
      .init("expires", expiresAt.json),
    ]
    if let trace { members.append(.init("trace", .string(trace.description))) }
    return .object(members)
  }

  public init?(json: JSON) {
    guard let token = json["token"]?.string, let at = json["at"].flatMap(Instant.init(json:)),
      let by = json["by"]?.string.flatMap(Author.init(rawValue:)),
      let expires = json["expires"].flatMap(Instant.init(json:))
    else { return nil }
    self.init(
      token: TokenID(token), at: at, by: by, expiresAt: expires, trace: json["trace"]?.string.flatMap { TraceID($0) })
  }
}

extension AccessTokenFacts {
  var stored: JSON {
    var members: [JSON.Member] = [
      .init("id", .string(id.value)), .init("client", .string(client.value)), .init("subject", .string(subject.value)),
      .init("scope", .string(scopes.description)), .init("details", .array(details.map(\.json))),
      .init("audience", .array(audience.map { .string($0.value) })), .init("issued", issuedAt.json),
      .init("expires", expiresAt.json),
    ]
    if let grant { members.append(.init("grant", .string(grant.value))) }
    if let family { members.append(.init("family", .string(family.value))) }
    if let notBefore { members.append(.init("not_before", notBefore.json)) }
    return .object(members)
  }

  init?(stored json: JSON) {
    guard let id = json["id"]?.string, let client = json["client"]?.string, let subject = json["subject"]?.string,
      let scopes = Scopes(parsing: json["scope"]?.string ?? ""),
      let issued = json["issued"].flatMap(Instant.init(json:)),
      let expires = json["expires"].flatMap(Instant.init(json:))
    else { return nil }
    self.init(
      id: TokenID(id), client: ClientID(client), subject: SubjectID(subject), scopes: scopes,
      details: AuthorizationDetail.list(json["details"]), audience: Audience.list(json["audience"]),
      grant: json["grant"]?.string.map(GrantID.init), family: json["family"]?.string.map(FamilyID.init),
      issuedAt: issued, notBefore: json["not_before"].flatMap(Instant.init(json:)), expiresAt: expires)
  }
}

extension Instant {
  var json: JSON { .integer(millisecondsSince1970) }

  init?(json: JSON) {
    guard let milliseconds = json.integer else { return nil }
    self.init(millisecondsSince1970: milliseconds)
  }
}

extension AuthorizationDetail {
  static func list(_ json: JSON?) -> [AuthorizationDetail] { (json?.array ?? []).compactMap(AuthorizationDetail.init) }
}

extension Audience {
  static func list(_ json: JSON?) -> [Audience] { (json?.array ?? []).compactMap { $0.string.map(Audience.init) } }
}
