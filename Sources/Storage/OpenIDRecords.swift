public import OAuth
public import StrictJSON
public import Vocabulary

extension OpenIDRegistration {
  /// The members of a client's record; none for what every client has by default, so that older versions read it.
  var members: [JSON.Member] {
    var members: [JSON.Member] = []
    if subjectType != .public { members.append(.init("subject_type", .string(subjectType.rawValue))) }
    if let sector { members.append(.init("sector", .string(sector.value))) }
    if let uri = backchannelLogoutURI { members.append(.init("backchannel_logout_uri", .string(uri.value))) }
    if backchannelLogoutSessionRequired { members.append(.init("backchannel_logout_session_required", true)) }
    if !postLogoutRedirectURIs.isEmpty {
      members.append(.init("post_logout_redirect_uris", .array(postLogoutRedirectURIs.map { .string($0.value) })))
    }
    return members
  }

  /// `nil` where a member is damaged: a pairwise client must not become a public one.
  init?(client json: JSON) {
    let type = json["subject_type"].map { $0.string.flatMap(SubjectType.init(rawValue:)) } ?? .public
    guard let type else { return nil }
    self.init(
      subjectType: type, sector: json["sector"]?.string.map(Sector.init),
      backchannelLogoutURI: json["backchannel_logout_uri"]?.string.flatMap { try? BackchannelLogoutURI($0) },
      backchannelLogoutSessionRequired: json["backchannel_logout_session_required"]?.bool ?? false,
      postLogoutRedirectURIs: (json["post_logout_redirect_uris"]?.array ?? []).compactMap { value in
        value.string.flatMap { try? RedirectURI($0) }
      })
  }
}

extension LogoutNotice: StorableRecord {
  public static var kind: RecordKind { .logoutNotice }
  public var storageKey: String { id.value }
  public var removableAt: Instant? { createdAt + Self.lifetime }

  public var json: JSON {
    [
      "id": .string(id.value), "client": .string(client.value), "subject": .string(subject.value),
      "session": .string(session.value), "created": createdAt.json, "attempts": .integer(attempts), "due": dueAt.json,
    ]
  }

  public init?(json: JSON) {
    guard let id = json["id"]?.string, let client = json["client"]?.string, let subject = json["subject"]?.string,
      let session = json["session"]?.string, let created = json["created"].flatMap(Instant.init(json:)),
      let attempts = json["attempts"]?.integer, let due = json["due"].flatMap(Instant.init(json:))
    else { return nil }
    self.init(
      id: LogoutNoticeID(id), client: ClientID(client), subject: SubjectID(subject), session: SessionID(session),
      createdAt: created,
      attempts: attempts, dueAt: due)
  }
}

extension SubjectSaltRecord: StorableRecord {
  public static var kind: RecordKind { .subjectSalt }
  /// There is one.
  public static let key = "pairwise"
  public var storageKey: String { Self.key }
  public var removableAt: Instant? { nil }

  public var json: JSON {
    ["sealed": .string(SigningKeyRecord.hexadecimal(sealed)), "created": createdAt.json]
  }

  public init?(json: JSON) {
    guard let sealed = json["sealed"]?.string.flatMap(SigningKeyRecord.bytes),
      let created = json["created"].flatMap(Instant.init(json:))
    else { return nil }
    self.init(sealed: sealed, createdAt: created)
  }
}
