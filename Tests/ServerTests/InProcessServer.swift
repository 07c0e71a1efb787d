import AuthorizationServer
import Catalogue
import Dialects
import Foundation
import HTTPTypes
import JOSE
import OAuth
import Storage
import StrictJSON
import Synchronization
import Testing
import Vocabulary

/// Keeps what the journal writes.
final class RecordingSink: JournalSink {
  let bodies = Mutex<[JSON]>([])

  var lost: Int { 0 }

  func recent(limit: Int, client: String?, grant: String?) throws(StoreFailure) -> [[UInt8]] { [] }

  func find(trace: String) throws(StoreFailure) -> [UInt8]? {
    bodies.withLock { $0.last { $0["trace_id"]?.string == trace }?.bytes }
  }

  func write(_ entries: [JournalRow]) {
    bodies.withLock { $0 += entries.compactMap { try? JSON(parsing: $0.body) } }
  }
}

/// An issuer in this process, on a store in memory that can be told to fail, with a client and its refresh token.
struct InProcessServer {
  let store = MemoryStore()
  let sink = RecordingSink()
  static let formKey = Array("under which the tests make form tokens".utf8)
  let keyFile: KeyFile
  let snapshot: Snapshot
  let issuer: Issuer
  let client: ClientRegistration.Created
  let refresh = Secret("dwr_" + String(repeating: "a", count: 43))

  init(withKeys: Bool = true) async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/doorward-" + UUID().uuidString
    keyFile = try KeyFile(path: folder)
    snapshot = Snapshot(keyFile: keyFile)
    let now = Clock.now
    let scopes = Scopes(parsing: "a b") ?? .none
    client = ClientRegistration.make(
      name: "c", methods: [.basic], grants: [.refreshToken, .clientCredentials], scopes: scopes, redirectURIs: [],
      now: now)
    let family = TokenFamily(
      id: FamilyID("f"), grant: GrantID("g"), contract: "oauth", client: client.client.id, subject: SubjectID("u"),
      scopes: scopes, details: [],
      audience: [Audience("x")], generation: 1, rotatedAt: now, salt: .zero, createdAt: now,
      expiresAt: now + Lifetime(clamping: 3600))
    let record = RefreshTokenRecord(
      digest: TokenText.digest(refresh), family: family.id, generation: 1, expiresAt: family.expiresAt)
    _ = try await store.commit(Batch([client.client.insertion, family.insertion, record.insertion]))
    try await snapshot.catchUp(store)
    if withKeys {
      try await KeyLifecycle.ensure([.es256], snapshot: snapshot, store: store, keyFile: keyFile, now: now)
    }
    issuer = Issuer(
      url: "http://issuer.example", store: store, snapshot: snapshot, journal: Journal(sink: sink), apis: [],
      contract: try #require(Contract.bundled("oauth")), topics: DocumentationSite.standardTopics, version: "test",
      formKey: Self.formKey, subjects: SubjectNaming(salt: [1]))
  }

  func refreshing(_ secret: String? = nil) async throws -> OutgoingAnswer {
    var headers = HTTPFields()
    let credentials = client.client.id.value + ":" + (secret ?? client.secret?.reveal() ?? "")
    headers[.authorization] = "Basic " + Data(credentials.utf8).base64EncodedString()
    headers[.contentType] = "application/x-www-form-urlencoded"
    return await Endpoints(issuer: issuer).respond(
      to: IncomingRequest(
        method: "POST", target: try RequestTarget("/oauth/token"), headers: headers, host: "issuer.example",
        peer: nil,
        trace: .random(), body: Array("grant_type=refresh_token&refresh_token=\(refresh.reveal())".utf8)))
  }
}
