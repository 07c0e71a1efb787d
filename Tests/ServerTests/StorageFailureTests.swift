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

@Suite("A failing store is our fault, never the grant's")
struct StorageFailureTests {
  final class Sink: JournalSink {
    let bodies = Mutex<[JSON]>([])

    func write(_ entries: [(trace: String, time: Int64, security: Bool, body: [UInt8])]) {
      bodies.withLock { $0 += entries.compactMap { try? JSON(parsing: $0.body) } }
    }
  }

  struct Server {
    let store = MemoryStore()
    let sink = Sink()
    let issuer: Issuer
    let client: ClientRegistration.Created
    let refresh = Secret("dwr_" + String(repeating: "a", count: 43))

    init() async throws {
      let folder = FileManager.default.temporaryDirectory.path + "/doorward-" + UUID().uuidString
      let keyFile = try KeyFile(path: folder)
      let snapshot = Snapshot(keyFile: keyFile)
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
      try await KeyLifecycle.ensure([.es256], snapshot: snapshot, store: store, keyFile: keyFile, now: now)
      issuer = Issuer(
        url: "http://issuer.example", store: store, snapshot: snapshot, journal: Journal(sink: sink), apis: [],
        contract: try #require(Contract.bundled("oauth")), topics: .catalogue, version: "test")
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

  @Test(arguments: [
    StoreFailure.unavailable("gone"), .readOnly("read-only"), .full("full"), .damaged("damaged"),
  ])
  func `it is 503 with Retry-After, is recorded, and consumes nothing`(_ failure: StoreFailure) async throws {
    let server = try await Server()
    await server.store.fail(with: failure)
    let refused = try await server.refreshing()
    #expect(refused.status == 503)
    #expect(refused.headers.contains { $0.name == "Retry-After" && $0.value == "5" })
    #expect(try JSON(parsing: refused.body)["error"]?.string == "temporarily_unavailable")
    server.issuer.journal.flush()
    #expect(server.sink.bodies.withLock { $0.first?["code"]?.string } == "STORAGE_UNAVAILABLE")
    await server.store.fail(with: nil)
    #expect(try await server.refreshing().status == 200)
  }

  @Test func `sixteen refreshes at once rotate once and name one successor`() async throws {
    let server = try await Server()
    let successors = try await withThrowingTaskGroup(of: String?.self) { group in
      for _ in 0..<16 {
        group.addTask { try JSON(parsing: try await server.refreshing().body)["refresh_token"]?.string }
      }
      return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
    }
    #expect(successors.count == 1)
    #expect(successors.first != .some(nil))
    #expect(try await server.store.read(TokenFamily.self, "f")?.record.generation == 2)
  }

  @Test func `no record holds a secret or a token`() async throws {
    let server = try await Server()
    _ = try await server.refreshing("dws_canary")
    server.issuer.journal.flush()
    let text = server.sink.bodies.withLock { $0.map(\.text).joined() }
    #expect(text.contains("client_secret_mismatch"))
    #expect(!text.contains("canary"))
    #expect(!text.contains(server.refresh.reveal()))
  }
}
