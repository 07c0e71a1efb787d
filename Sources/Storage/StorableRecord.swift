public import OAuth
public import StrictJSON
public import Vocabulary

/// A record that knows its key, its indexes, its expiry, and its own JSON. Written by hand, since a refresh
/// writes three of them and Foundation's coder would cost more than the disk.
public protocol StorableRecord: Sendable {
  static var kind: RecordKind { get }
  var storageKey: String { get }
  /// From then on the sweep may remove it; `nil`: never.
  var removableAt: Instant? { get }
  var indexes: [String: String] { get }
  var json: JSON { get }
  /// `nil` when the JSON is not one of these: the record is damaged.
  init?(json: JSON)
}

extension StorableRecord {
  public var indexes: [String: String] { [:] }

  /// The change that stores this record as a new one.
  public var insertion: StoredChange {
    .insert(RecordKey(Self.kind, storageKey), body: json.bytes, expiresAt: removableAt, indexes: indexes)
  }

  /// The change that stores this record in place of the version it was read at.
  public func replacement(expecting version: Int64) -> StoredChange {
    .replace(
      RecordKey(Self.kind, storageKey), expecting: version, body: json.bytes, expiresAt: removableAt, indexes: indexes)
  }
}

extension StoredRecord {
  /// The record inside; throws `damaged` when the bytes are not one.
  public func decode<Record: StorableRecord>(_: Record.Type) throws(StoreFailure) -> Versioned<Record> {
    guard let json = try? JSON(parsing: body), let record = Record(json: json) else {
      throw .damaged("a \(key.kind.rawValue) record cannot be read")
    }
    return Versioned(record, version: version, closedAt: closedAt)
  }

  /// Throws `damaged` unless this program can read what is inside. (Junction: one line for each kind.)
  public func demandReadable() throws(StoreFailure) {
    switch key.kind {
    case .client: _ = try decode(Client.self)
    case .user: _ = try decode(User.self)
    case .signingKey: _ = try decode(SigningKeyRecord.self)
    case .grant: _ = try decode(Grant.self)
    case .tokenFamily: _ = try decode(TokenFamily.self)
    case .refreshToken: _ = try decode(RefreshTokenRecord.self)
    case .accessToken: _ = try decode(AccessTokenRecord.self)
    case .revocation: _ = try decode(Revocation.self)
    case .session: _ = try decode(Session.self)
    case .consent: _ = try decode(Consent.self)
    case .logoutNotice: _ = try decode(LogoutNotice.self)
    case .subjectSalt: _ = try decode(SubjectSaltRecord.self)
    case .authorizationCode: _ = try decode(AuthorizationCodeRecord.self)
    }
  }
}

extension Store {
  /// One record by key, typed.
  public func read<Record: StorableRecord>(
    _ type: Record.Type, _ key: String
  ) async throws(StoreFailure) -> Versioned<Record>? {
    guard let found = try await read([RecordKey(Record.kind, key)]).first, let stored = found else { return nil }
    return try stored.decode(type)
  }

  /// Every record of a kind, page by page; for snapshots and lists, not for what grows without bound.
  public func all<Record: StorableRecord>(_ type: Record.Type) async throws(StoreFailure) -> [Versioned<Record>] {
    var records: [Versioned<Record>] = []
    var after: String?
    while true {
      let page = try await list(.all(Record.kind, after: after, limit: 500))
      for stored in page { records.append(try stored.decode(type)) }
      guard page.count == 500, let last = page.last else { return records }
      after = last.key.key
    }
  }
}

extension Batch {
  /// The changes the rules decided on, as records.
  public init(_ changes: [Change]) {
    self.init(
      changes.map { change in
        switch change {
        case .insertGrant(let grant): grant.insertion
        case .insertFamily(let family): family.insertion
        case .replaceFamily(let family, let version): family.replacement(expecting: version)
        case .insertRefreshToken(let token): token.insertion
        case .insertCode(let code): code.insertion
        case .replaceCode(let code, let version): code.replacement(expecting: version)
        case .saveConsent(let consent, let version):
          version.map { consent.replacement(expecting: $0) } ?? consent.insertion
        case .requireConsent(let subject, let client, let version):
          .require(RecordKey(.consent, Consent.storageKey(subject, client)), at: version)
        case .requireUser(let username, let version): .require(RecordKey(.user, username.description), at: version)
        case .insertSession(let session): session.insertion
        case .replaceSession(let session, let version): session.replacement(expecting: version)
        case .insertAccessToken(let token): token.insertion
        case .insertRevocation(let revocation): revocation.insertion
        case .closeGrant(let grant, let at): .close(RecordKey(.grant, grant.value), at: at)
        case .closeFamily(let family, let at): .close(RecordKey(.tokenFamily, family.value), at: at)
        }
      })
  }
}
