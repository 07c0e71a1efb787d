public import OAuth
public import StrictJSON
public import Vocabulary

extension Client: StorableRecord {
  public static var kind: RecordKind { .client }
  public var storageKey: String { id.value }
  public var removableAt: Instant? { nil }

  public var json: JSON {
    let own: JSON = [
      "id": .string(id.value), "name": .string(name.description), "secrets": .array(secrets.map(\.json)),
      "methods": .array(methods.map { .string($0.rawValue) }), "grants": .array(grants.map { .string($0.rawValue) }),
      "scope": .string(scopes.description), "redirect_uris": .array(redirectURIs.map { .string($0.value) }),
      "details": .array(details.map(\.json)), "introspects_all": .bool(introspectsAll), "disabled": .bool(isDisabled),
      "created": createdAt.json,
    ]
    return .object((own.members ?? []) + openID.members)
  }

  public init?(json: JSON) {
    guard let id = json["id"]?.string, let openID = OpenIDRegistration(client: json), let name = json["name"]?.string,
      let scopes = Scopes(parsing: json["scope"]?.string ?? ""),
      let created = json["created"].flatMap(Instant.init(json:))
    else { return nil }
    self.init(
      id: ClientID(id), name: ClientName(name), secrets: (json["secrets"]?.array ?? []).compactMap(SecretDigest.init),
      methods: (json["methods"]?.array ?? []).compactMap { $0.string.flatMap(ClientAuthenticationMethod.init) },
      grants: (json["grants"]?.array ?? []).compactMap { $0.string.flatMap(GrantType.init) }, scopes: scopes,
      redirectURIs: (json["redirect_uris"]?.array ?? []).compactMap { value in
        value.string.flatMap { try? RedirectURI($0) }
      },
      details: AuthorizationDetail.list(json["details"]), introspectsAll: json["introspects_all"]?.bool ?? false,
      openID: openID,
      isDisabled: json["disabled"]?.bool ?? true, createdAt: created)
  }
}

extension Client.SecretDigest {
  var json: JSON {
    var members: [JSON.Member] = [.init("digest", .string(digest.hexadecimal)), .init("created", createdAt.json)]
    if let expiresAt { members.append(.init("expires", expiresAt.json)) }
    return .object(members)
  }

  init?(_ json: JSON) {
    guard let digest = json["digest"]?.string.flatMap({ Digest(hexadecimal: $0) }),
      let created = json["created"].flatMap(Instant.init(json:))
    else { return nil }
    self.init(digest: digest, createdAt: created, expiresAt: json["expires"].flatMap(Instant.init(json:)))
  }
}

extension User: StorableRecord {
  public static var kind: RecordKind { .user }
  /// People are found by the name they type; it is unique.
  public var storageKey: String { username.description }
  public var indexes: [String: String] { ["id": id.value] }
  public var removableAt: Instant? { nil }
  public var json: JSON {
    [
      "id": .string(id.value), "username": .string(username.description),
      "password": .string(String(decoding: passwordHash, as: UTF8.self)), "disabled": .bool(isDisabled),
      "operator": .bool(isOperator), "develops": .array(develops.map { .string($0.value) }), "created": createdAt.json,
    ]
  }

  public init?(json: JSON) {
    guard let id = json["id"]?.string, let username = json["username"]?.string, let password = json["password"]?.string,
      let created = json["created"].flatMap(Instant.init(json:))
    else { return nil }
    self.init(
      id: SubjectID(id), username: Excerpt(username), passwordHash: Array(password.utf8),
      isDisabled: json["disabled"]?.bool ?? true, createdAt: created)
    isOperator = json["operator"]?.bool ?? false
    develops = (json["develops"]?.array ?? []).compactMap { $0.string.map(ClientID.init) }
  }
}

extension SigningKeyRecord: StorableRecord {
  public static var kind: RecordKind { .signingKey }
  public var storageKey: String { id.value }
  public var removableAt: Instant? { nil }
  public var json: JSON {
    var members: [JSON.Member] = [
      .init("id", .string(id.value)), .init("algorithm", .string(algorithm.description)),
      .init("sealed", .string(Self.hexadecimal(sealed))), .init("created", createdAt.json),
    ]
    if let signsFrom { members.append(.init("signs_from", signsFrom.json)) }
    if let retiredAt { members.append(.init("retired", retiredAt.json)) }
    if let publishedUntil { members.append(.init("published_until", publishedUntil.json)) }
    return .object(members)
  }

  public init?(json: JSON) {
    guard let id = json["id"]?.string, let algorithm = json["algorithm"]?.string,
      let sealed = json["sealed"]?.string.flatMap(Self.bytes),
      let created = json["created"].flatMap(Instant.init(json:))
    else { return nil }
    self.init(
      id: KeyID(id), algorithm: Excerpt(algorithm), sealed: sealed, createdAt: created,
      signsFrom: json["signs_from"].flatMap(Instant.init(json:)),
      retiredAt: json["retired"].flatMap(Instant.init(json:)),
      publishedUntil: json["published_until"].flatMap(Instant.init(json:)))
  }

  static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  static func bytes(_ text: String) -> [UInt8]? {
    let digits = text.utf8.map { byte -> UInt8? in
      switch byte {
      case 0x30...0x39: byte - 0x30
      case 0x61...0x66: byte - 0x57
      default: nil
      }
    }
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[index], let low = digits[index + 1] else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }
}
