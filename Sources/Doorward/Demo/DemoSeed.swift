import AuthorizationServer
import Dialects
import JOSE
import OAuth
import Storage
import StrictJSON
import Vocabulary

/// The demo's clients and its person. Their secrets are derived from the data folder's key file, so that they stay
/// the same when the folder is used again, and stand in no file.
struct DemoSeed {
  let keyFile: KeyFile

  static let password = "correct horse battery staple"
  static let username = "ada@example.com"

  struct Seeded {
    let name: String
    let created: ClientRegistration.Created
  }

  func secret(_ name: String) -> Secret {
    TokenText.write(keyFile.derive("demo client \(name)"), form: .opaque, prefix: TokenText.secretPrefix)
  }

  private func id(_ name: String) -> String { TokenText.uuid(keyFile.derive("demo id \(name)")) }

  var subject: SubjectID { SubjectID(id("ada")) }

  func clients(now: Instant) -> [Seeded] {
    func scopes(_ text: String) -> Scopes { Scopes(parsing: text) ?? .none }
    func uris(_ list: [String]) -> [RedirectURI] { list.compactMap { try? RedirectURI($0) } }
    let basic: [ClientAuthenticationMethod] = [.basic]
    let both: [ClientAuthenticationMethod] = [.basic, .post]
    let vehicle = [AuthorizationDetail(type: "vehicle", identifier: DemoAPIs.vehicles[0])]
    func make(
      _ name: String, _ title: String, _ methods: [ClientAuthenticationMethod], _ grants: [GrantType], _ scope: String,
      _ addresses: [String] = [], _ details: [AuthorizationDetail] = []
    ) -> Seeded {
      Seeded(
        name: name,
        created: ClientRegistration.make(
          id: ClientID(id(name)), name: title, methods: methods, grants: grants, scopes: scopes(scope),
          redirectURIs: uris(addresses), details: details, secret: secret(name), now: now))
    }
    return [
      make("machine", "Nightly export", basic, [.clientCredentials], "api.read api.write"),
      make(
        "web", "Notes on the web", basic, [.authorizationCode, .refreshToken], "openid profile email api.read",
        ["http://127.0.0.1:9999/callback"]),
      make(
        "public", "Notes on the desk", [.none], [.authorizationCode, .refreshToken], "openid profile email api.read",
        ["http://127.0.0.1:9998/callback"]),
      make(
        "smartcar", "Garage", both, [.authorizationCode, .refreshToken, .clientCredentials],
        "read_odometer read_vehicle_info read_vin read_user_profile",
        ["https://example.com/home", "https://example.com/home?a=1"], vehicle),
      make(
        "drive-log", "Drive log", basic, [.authorizationCode, .refreshToken], "read_odometer read_vehicle_info",
        ["http://127.0.0.1/callback"]),
      make("kordiam", "Planning desk", both, [.clientCredentials, .refreshToken], "api.read api.write"),
      make("cyoda", "Workflow engine", both, [.clientCredentials], "api.read"),
      make("disabled", "Retired export", basic, [.clientCredentials], "api.read"),
    ]
  }

  func store(_ seeded: [Seeded], in node: Node, now: Instant) async throws {
    for client in seeded {
      var record = client.created.client
      record.isDisabled = client.name == "disabled"
      _ = try await node.issuer.store.commit(Batch([record.insertion]))
    }
    // The automatic user has no password that anybody knows.
    for (name, subject, password) in [
      (Self.username, subject, Secret(Self.password)),
      ("auto@example.com", SubjectID(id("auto")), secret("the automatic user")),
    ] where try await node.issuer.store.read(User.self, name) == nil {
      guard let hash = Passwords.hash(password) else { continue }
      let user = User(id: subject, username: Excerpt(name), passwordHash: hash, createdAt: now)
      _ = try await node.issuer.store.commit(Batch([user.insertion]))
    }
    try await node.issuer.snapshot.catchUp(node.issuer.store)
  }
}

/// The tokens of the manifest, of every kind a contract can have; each is what it says, made by the real parts.
struct DemoTokens {
  let node: Node
  let now: Instant

  struct Request {
    let api: ProtectedAPI
    let client: ClientID
    let subject: SubjectID
    let scopes: String
    let forbiddenScopes: String
    let details: [AuthorizationDetail]
  }

  func kinds(_ request: Request) async throws -> [(String, String)] {
    var kinds: [(String, String)] = []
    func add(_ name: String, _ token: String?) {
      if let token { kinds.append((name, token)) }
    }
    add("valid", try await token(request, request.scopes))
    add("expired", try await token(request, request.scopes, issued: now - Lifetime(clamping: 3601), lifetime: 3600))
    add("forbidden", try await token(request, request.forbiddenScopes, details: []))
    add("revoked", try await token(request, request.scopes, revoked: true))
    let form = request.api.contract.accessToken.form
    guard form == .jwt else {
      var random = SystemRandomNumberGenerator()
      let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      add("unknown", TokenText.write(bytes, form: form, prefix: TokenText.accessPrefix).reveal())
      return kinds
    }
    add("not_yet_valid", try await token(request, request.scopes, notBefore: now + Lifetime(clamping: 86_400)))
    add("wrong_audience", try await token(request, request.scopes, audience: Audience("https://elsewhere.example")))
    add(
      "untrusted_issuer", try sign(facts(request, request.scopes), request, issuer: "https://issuer.elsewhere.example"))
    add("bad_signature", (try await token(request, request.scopes)).map(Self.tampered))
    if let algorithm = Algorithm(rawValue: request.api.contract.accessToken.algorithm) {
      let stranger = try SigningKey.generate(algorithm == .rs256 ? .es256 : algorithm)
      let payload = facts(request, request.scopes).claims(issuer: node.issuer.url).bytes
      add("unknown", try stranger.sign(payload: payload, type: Verify.accessTokenType))
    }
    return kinds
  }

  private func facts(
    _ request: Request, _ scopes: String, issued: Instant? = nil, lifetime: Int64? = nil, notBefore: Instant? = nil,
    audience: Audience? = nil, details: [AuthorizationDetail]? = nil
  ) -> AccessTokenFacts {
    let issued = issued ?? now
    let lifetime = lifetime.map(Lifetime.init(clamping:)) ?? request.api.contract.accessToken.lifetime
    var random = SystemRandomNumberGenerator()
    return AccessTokenFacts(
      id: TokenID(TraceID(random: random.next(), random.next()).uuid), client: request.client, subject: request.subject,
      scopes: Scopes(parsing: scopes) ?? .none, details: details ?? request.details,
      audience: [audience ?? request.api.audience], grant: nil, family: nil, issuedAt: issued, notBefore: notBefore,
      expiresAt: (notBefore ?? issued) + lifetime)
  }

  func token(
    _ request: Request, _ scopes: String, issued: Instant? = nil, lifetime: Int64? = nil, notBefore: Instant? = nil,
    audience: Audience? = nil, details: [AuthorizationDetail]? = nil, revoked: Bool = false
  ) async throws -> String? {
    let facts = facts(
      request, scopes, issued: issued, lifetime: lifetime, notBefore: notBefore, audience: audience, details: details)
    let store = node.issuer.store
    var text: String
    if request.api.contract.accessToken.form == .jwt {
      text = try sign(facts, request, issuer: node.issuer.url)
    } else {
      var random = SystemRandomNumberGenerator()
      let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      let secret = TokenText.write(bytes, form: request.api.contract.accessToken.form, prefix: TokenText.accessPrefix)
      text = secret.reveal()
      _ = try await store.commit(Batch([AccessTokenRecord(digest: TokenText.digest(secret), facts: facts).insertion]))
    }
    if revoked {
      let changes = Withdrawal.token(facts, by: .client, now: now)
      _ = try await store.commit(Batch(changes))
      node.issuer.snapshot.applyLocally(changes)
    }
    return text
  }

  private func sign(_ facts: AccessTokenFacts, _ request: Request, issuer: String) throws -> String {
    guard let key = node.issuer.snapshot.keys.signingKey(request.api.contract.accessToken.algorithm) else { return "" }
    return try key.sign(payload: facts.claims(issuer: issuer).bytes, type: Verify.accessTokenType)
  }

  /// Another signature: one character in its middle is changed.
  private static func tampered(_ token: String) -> String {
    var bytes = Array(token.utf8)
    let index = bytes.count - 20
    guard bytes.indices.contains(index) else { return token }
    bytes[index] = bytes[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A refresh token of a fresh grant, as consent would have made it.
  func refreshToken(_ request: Request, rule: RefreshTokenRule, audience: [Audience]) async throws -> String {
    var random = SystemRandomNumberGenerator()
    func id() -> String { TraceID(random: random.next(), random.next()).uuid }
    let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    let secret = TokenText.write(bytes, form: rule.form, prefix: rule.prefixed ? TokenText.refreshPrefix : "")
    let scopes = Scopes(parsing: request.scopes) ?? .none
    let grant = Grant(
      id: GrantID(id()), client: request.client, subject: request.subject, scopes: scopes, details: request.details,
      createdAt: now, expiresAt: now + rule.lifetime + request.api.contract.accessToken.lifetime)
    let family = TokenFamily(
      id: FamilyID(id()), grant: grant.id, contract: Excerpt(request.api.contract.name), client: request.client,
      subject: request.subject, scopes: scopes,
      details: request.details, audience: audience, generation: 1, rotatedAt: now,
      salt: TokenText.digest(Secret(id())), createdAt: now, expiresAt: now + rule.lifetime)
    let record = RefreshTokenRecord(
      digest: TokenText.digest(secret), family: family.id, generation: 1, expiresAt: family.expiresAt)
    _ = try await node.issuer.store.commit(Batch([grant.insertion, family.insertion, record.insertion]))
    return secret.reveal()
  }
}
