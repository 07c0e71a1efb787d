import AuthorizationServer
import CArgon2
import Catalogue
import Dialects
import Foundation
import HTTPTypes
import JOSE
import OAuth
import Storage
import StrictJSON
import Synchronization
import Vocabulary

/// Keeps what a journal writes.
final class Records: JournalSink {
  private let bodies = Mutex<[JSON]>([])

  var lost: Int { 0 }

  func recent(limit: Int, client: String?, grant: String?) throws(StoreFailure) -> [[UInt8]] { [] }
  func find(trace: String) throws(StoreFailure) -> [UInt8]? { nil }

  func write(_ rows: [JournalRow]) { bodies.withLock { $0 += rows.compactMap { try? JSON(parsing: $0.body) } } }

  func reason(_ trace: TraceID) -> String? {
    bodies.withLock { $0.last { $0["trace_id"]?.string == trace.description }?["reason"]?.string }
  }
}

/// What every run begins with, made once: keys, contract, documentation.
struct Ground: Sendable {
  static let formKey = Array("under which the exploration makes form tokens".utf8)
  static let redirectURI = "https://app.example/cb"

  let keyFile: KeyFile
  let keys: [StoredChange]
  let contract: Contract
  let site: DocumentationSite
  let passwordHash: [UInt8]
  let app: ClientRegistration.Created
  let observer: ClientRegistration.Created

  init(folder: String) async throws {
    let keyFile = try KeyFile(path: folder)
    self.keyFile = keyFile
    guard let contract = Contract.bundled("oauth") else { throw StoreFailure.damaged("no contract") }
    self.contract = contract
    let now = Clock.now
    keys = try [.es256, .rs256].map { try KeyLifecycle.make($0, keyFile: keyFile, now: now).insertion }
    site = DocumentationSite(
      url: Node.url, contracts: [contract], apis: [], topics: DocumentationSite.standardTopics, version: "exploration")
    passwordHash = Self.cheapHash("password of ada")
    let scopes = Scopes(parsing: "openid a") ?? .none
    app = ClientRegistration.make(
      id: ClientID("app"), name: "App", methods: [.basic], grants: [.authorizationCode, .refreshToken], scopes: scopes,
      redirectURIs: [try RedirectURI(Self.redirectURI)],
      openID: OpenIDRegistration(backchannelLogoutURI: try BackchannelLogoutURI("https://app.example/out")), now: now)
    observer = ClientRegistration.make(
      id: ClientID("observer"), name: "Observer", methods: [.basic], grants: [.clientCredentials], scopes: scopes,
      redirectURIs: [], introspectsAll: true, now: now)
  }

  /// The least that Argon2 can do: a person signs in thousands of times here.
  private static func cheapHash(_ password: String) -> [UInt8] {
    let bytes = Array(password.utf8)
    let salt = [UInt8](repeating: 7, count: 16)
    var encoded = [CChar](repeating: 0, count: 160)
    _ = argon2id_hash_encoded(1, 8, 1, bytes, bytes.count, salt, salt.count, 32, &encoded, encoded.count)
    return encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  }
}

/// One server process: its own memory, the store shared.
struct Node: Sendable {
  static let url = "http://issuer.example"

  let issuer: Issuer
  let sink = Records()

  init(_ ground: Ground, _ store: any Store) async throws {
    let snapshot = Snapshot(keyFile: ground.keyFile)
    try await snapshot.catchUp(store)
    issuer = Issuer(
      url: Self.url, store: store, snapshot: snapshot, journal: Journal(sink: sink), apis: [],
      contract: ground.contract, site: ground.site, formKey: Ground.formKey, subjects: SubjectNaming(salt: [1]))
  }

  func post(
    _ path: String, _ form: [(String, String)], client: ClientRegistration.Created? = nil, cookie: Secret? = nil,
    trace: TraceID = .random()
  ) async -> OutgoingAnswer {
    var headers = HTTPFields()
    if let client {
      let pair = client.client.id.value + ":" + (client.secret?.reveal() ?? "")
      headers[.authorization] = "Basic " + Data(pair.utf8).base64EncodedString()
    }
    headers[.contentType] = "application/x-www-form-urlencoded"
    return await send("POST", path, headers, cookie, Array(Form.encode(form).utf8), trace)
  }

  func get(_ path: String, cookie: Secret?, trace: TraceID) async -> OutgoingAnswer {
    await send("GET", path, HTTPFields(), cookie, [], trace)
  }

  private func send(
    _ method: String, _ path: String, _ headers: HTTPFields, _ cookie: Secret?, _ body: [UInt8], _ trace: TraceID
  ) async -> OutgoingAnswer {
    var headers = headers
    if let cookie { headers[.cookie] = "doorward=" + cookie.reveal() }
    guard let target = try? RequestTarget(path) else { return OutgoingAnswer(status: 0) }
    return await Endpoints(issuer: issuer).respond(
      to: IncomingRequest(
        method: method, target: target, headers: headers, host: "issuer.example", peer: nil, trace: trace, body: body))
  }

  /// Whether a token is in force, as this node knows it now.
  func isActive(_ token: Secret, _ ground: Ground) async -> Bool {
    let answer = await post("/oauth/introspect", [("token", token.reveal())], client: ground.observer)
    return (try? JSON(parsing: answer.body))?["active"]?.bool ?? false
  }

  /// Hears of what others did.
  func catchUp() async { _ = try? await issuer.snapshot.catchUp(issuer.store) }
}

/// A store with one person, one application, and what the one gave the other: a code that was not used yet, and a
/// family of refresh tokens that was rotated once.
struct World: Sendable {
  static let username = "ada@example.com"
  static let cookie = Secret("dwn_" + String(repeating: "c", count: 43))
  /// Of a browser that nobody is signed in with.
  static let otherCookie = Secret("dwn_" + String(repeating: "e", count: 43))
  static let code = Secret("dwc_" + String(repeating: "d", count: 43))
  static let superseded = Secret("dwr_" + String(repeating: "r", count: 43))
  static let openGrant = GrantID("grant of the code")
  static let heldGrant = GrantID("grant of the family")

  let ground: Ground
  let openedAt: Instant
  let memory: MemoryStore
  let stage: Stage
  let nodes: [Node]
  /// The family's current refresh token, and an access token of it.
  let current: Secret
  let access: Secret

  var store: StagedStore { StagedStore(base: memory, stage: stage) }

  init(_ ground: Ground, _ scenario: Scenario) async throws {
    Clock.offset.store(0, ordering: .relaxed)
    self.ground = ground
    memory = MemoryStore()
    stage = Stage()
    let now = Clock.now
    openedAt = now
    let ada = SubjectID("ada")
    let scopes = Scopes(parsing: "openid a") ?? .none
    let long = now + Lifetime(clamping: 86_400)
    let session = Session(
      digest: TokenText.digest(Self.cookie), subject: ada, username: Excerpt(Self.username), authenticatedAt: now,
      expiresAt: now + Lifetime(clamping: 3600), id: SessionID("stay"))
    func grant(_ id: GrantID) -> StoredChange {
      Grant(
        id: id, client: ground.app.client.id, subject: ada, scopes: scopes, details: [], createdAt: now,
        expiresAt: long,
        session: session.id
      ).insertion
    }
    let code = AuthorizationCodeRecord(
      digest: TokenText.digest(Self.code), grant: Self.openGrant, contract: "oauth", client: ground.app.client.id,
      subject: ada, scopes: scopes, details: [], audience: [Audience(Node.url)],
      redirectURI: try RedirectURI(Ground.redirectURI), challenge: nil, nonce: nil, authenticatedAt: now,
      expiresAt: now + Lifetime(clamping: 60), session: session.digest, sessionName: nil)
    let rotatedAt = now - Lifetime(clamping: scenario.rotatedAgo)
    let family = TokenFamily(
      id: FamilyID("family"), grant: Self.heldGrant, contract: "oauth", client: ground.app.client.id, subject: ada,
      scopes: scopes, details: [], audience: [Audience(Node.url)], generation: 2, rotatedAt: rotatedAt, salt: .zero,
      createdAt: rotatedAt, expiresAt: now + Lifetime(clamping: 7200))
    // As RefreshTokenGrant makes a successor: a lost answer is repeated from the family's salt.
    let mac = HMACSHA256.authenticate(Array(family.salt.hexadecimal.utf8), key: Array(Self.superseded.utf8))
    current = Secret(TokenText.refreshPrefix + Base64URL.encode(mac))
    func token(_ secret: Secret, _ generation: Int64) -> StoredChange {
      RefreshTokenRecord(
        digest: TokenText.digest(secret), family: family.id, generation: generation, expiresAt: family.expiresAt
      ).insertion
    }
    let user = User(
      id: ada, username: Excerpt(Self.username), passwordHash: ground.passwordHash, createdAt: now)
    var batch = Batch(
      ground.keys + [
        ground.app.client.insertion, ground.observer.client.insertion, user.insertion, session.insertion,
        grant(Self.openGrant), grant(Self.heldGrant), code.insertion, family.insertion, token(Self.superseded, 1),
        token(current, 2),
      ])
    if scenario.hasConsent {
      batch.changes.append(
        Consent(subject: ada, client: ground.app.client.id, scopes: scopes, details: [], createdAt: now).insertion)
    }
    _ = try await memory.commit(batch)
    let store = StagedStore(base: memory, stage: stage)
    var nodes: [Node] = []
    for _ in 0..<scenario.nodes { nodes.append(try await Node(ground, store)) }
    self.nodes = nodes
    if scenario.isClientDisabled {
      _ = try await ClientRegistration.change(ground.app.client.id, in: memory) { $0.isDisabled = true }
    }
    access = try Minter(issuer: nodes[0].issuer).sign(
      AccessTokenFacts(
        id: TokenID("access"), client: ground.app.client.id, subject: ada, scopes: scopes, details: [],
        audience: [Audience(Node.url)], grant: Self.heldGrant, family: family.id, issuedAt: now,
        expiresAt: now + Lifetime(clamping: 3600)), algorithm: "ES256")
  }

  /// A form as a browser would send it from a page of ours.
  func formToken(_ nonce: String, _ cookie: Secret = cookie) -> (String, String) {
    // Of one page, however long a run takes: a page is answered once.
    let stamp = "\(openedAt.secondsSince1970).\(nonce)"
    let mac = HMACSHA256.authenticate(Array((stamp + "." + cookie.reveal()).utf8), key: Ground.formKey)
    return ("form_token", stamp + "." + Base64URL.encode(mac))
  }
}
