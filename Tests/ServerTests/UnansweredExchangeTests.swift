import AuthorizationServer
import Foundation
import HTTPTypes
import JOSE
import OAuth
import Storage
import StrictJSON
import Synchronization
import Testing
import Vocabulary

/// A store that commits, and loses the answer, as often as it is told to; or is asked to commit later.
private final class ForgetfulStore: Store {
  enum Fault { case answerLost, delayed }

  let base = MemoryStore()
  private let faults = Mutex<[Fault]>([])
  private let late = Mutex<[Batch]>([])

  func fail(_ faults: Fault...) { self.faults.withLock { $0 = faults } }
  func fail(_ fault: Fault, times: Int) { faults.withLock { $0 = Array(repeating: fault, count: times) } }

  /// What was late arrives.
  func arrive() async throws {
    for batch in late.withLock({ $0 }) { _ = try await base.commit(batch) }
    late.withLock { $0 = [] }
  }

  let reads = Atomic<Int>(0)

  func read(_ keys: [RecordKey]) async throws(StoreFailure) -> [StoredRecord?] {
    reads.add(1, ordering: .relaxed)
    return try await base.read(keys)
  }

  func list(_ listing: Listing) async throws(StoreFailure) -> [StoredRecord] { try await base.list(listing) }
  func sweep(expiredBefore moment: Instant, limit: Int) async throws(StoreFailure) -> Int { 0 }
  func close() async {}

  func commit(_ batch: Batch) async throws(StoreFailure) -> CommitOutcome {
    switch faults.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
    case nil: return try await base.commit(batch)
    case .answerLost: _ = try await base.commit(batch)
    case .delayed: late.withLock { $0.append(batch) }
    }
    throw .unavailable("the answer was lost")
  }
}

@Suite("RFC 6749 §4.1.2: a code whose exchange was not answered is not taken for one that was used")
struct UnansweredExchangeTests {
  private let store = ForgetfulStore()
  private let keyFile: KeyFile
  private let client: ClientRegistration.Created
  private let issuer: Issuer
  private let sink = RecordingSink()

  init() async throws {
    keyFile = try KeyFile(path: FileManager.default.temporaryDirectory.path + "/doorward-" + UUID().uuidString)
    client = ClientRegistration.make(
      name: "c", methods: [.basic], grants: [.authorizationCode, .refreshToken],
      scopes: Scopes(parsing: "a openid") ?? .none, redirectURIs: [], now: Clock.now)
    let code = Secret("a-code")
    let grant = Grant(
      id: GrantID("g"), client: client.client.id, subject: SubjectID("u"), scopes: client.client.scopes, details: [],
      createdAt: Clock.now)
    _ = try await store.commit(Batch([client.client.insertion, grant.insertion, Self.record(code, grant).insertion]))
    issuer = try await Self.node(store, keyFile, sink)
    try await KeyLifecycle.ensure(
      [.es256, .rs256], snapshot: issuer.snapshot, store: store, keyFile: keyFile, now: Clock.now)
  }

  private static func record(_ code: Secret, _ grant: Grant) -> AuthorizationCodeRecord {
    AuthorizationCodeRecord(
      digest: TokenText.digest(code), grant: grant.id, contract: "oauth", client: grant.client,
      subject: grant.subject, scopes: grant.scopes, details: [], audience: [Audience("x")], redirectURI: nil,
      challenge: nil, nonce: nil, authenticatedAt: Clock.now, expiresAt: Clock.now + Lifetime(clamping: 60))
  }

  private static func node(_ store: any Store, _ keyFile: KeyFile, _ sink: RecordingSink) async throws -> Issuer {
    let snapshot = Snapshot(keyFile: keyFile)
    try await snapshot.catchUp(store)
    return Issuer(
      url: "http://issuer.example", store: store, snapshot: snapshot, journal: Journal(sink: sink), apis: [],
      contract: try await InProcessServer(withKeys: false).issuer.contract, topics: DocumentationSite.standardTopics,
      version: "test", formKey: InProcessServer.formKey, subjects: SubjectNaming(salt: [1]))
  }

  private func exchange(at issuer: Issuer? = nil) async throws -> (status: Int, body: JSON) {
    try await token("grant_type=authorization_code&code=a-code", at: issuer)
  }

  private func token(_ form: String, at issuer: Issuer? = nil) async throws -> (status: Int, body: JSON) {
    var headers = HTTPFields()
    let credentials = client.client.id.value + ":" + (client.secret?.reveal() ?? "")
    headers[.authorization] = "Basic " + Data(credentials.utf8).base64EncodedString()
    headers[.contentType] = "application/x-www-form-urlencoded"
    let answer = await Endpoints(issuer: issuer ?? self.issuer).respond(
      to: IncomingRequest(
        method: "POST", target: try RequestTarget("/oauth/token"), headers: headers, host: "issuer.example", peer: nil,
        trace: .random(), body: Array(form.utf8)))
    return (answer.status, try JSON(parsing: answer.body))
  }

  private func families() async throws -> [Versioned<TokenFamily>] { try await store.all(TokenFamily.self) }

  private func isGrantOpen() async throws -> Bool { try await store.read(Grant.self, "g")?.closedAt == nil }

  @Test func `whoever was told to try again gets tokens, and nothing is left of what nobody got`() async throws {
    store.fail(.answerLost)
    #expect(try await exchange().status == 503)
    #expect(try await families().count == 1, "it was committed")
    let answer = try await exchange()
    #expect(answer.status == 200)
    #expect(try await isGrantOpen())
    let open = try await families().filter { $0.closedAt == nil }
    #expect(open.count == 1)
    // And what was given works.
    let refresh = try #require(answer.body["refresh_token"]?.string)
    #expect(try await token("grant_type=refresh_token&refresh_token=\(refresh)").status == 200)
  }

  @Test func `a code that was answered is refused a second time all the same, and ends what it gave`() async throws {
    store.fail(.answerLost)
    #expect(try await exchange().status == 503)
    #expect(try await exchange().status == 200)
    #expect(try await exchange().status == 400)
    #expect(try await !isGrantOpen())
  }

  @Test func `it is taken back without being asked, so that any node takes the code`() async throws {
    store.fail(.answerLost)
    #expect(try await exchange().status == 503)
    try await issuer.unanswered.settle(in: store, now: Clock.now)
    #expect(try await families().allSatisfy { $0.closedAt != nil })
    let other = try await Self.node(store, keyFile, sink)
    #expect(try await exchange(at: other).status == 200)
    // The first node does not take back what another answered.
    try await issuer.unanswered.settle(in: store, now: Clock.now)
    #expect(try await families().count { $0.closedAt == nil } == 1)
    #expect(try await exchange().status == 400)
  }

  @Test func `what arrives late is taken back, too`() async throws {
    store.fail(.delayed)
    #expect(try await exchange().status == 503)
    try await issuer.unanswered.settle(in: store, now: Clock.now)
    try await store.arrive()
    #expect(try await families().count == 1)
    #expect(try await exchange().status == 200)
    #expect(try await isGrantOpen())
  }

  @Test func `of several that are late any may arrive`() async throws {
    store.fail(.delayed, .delayed)
    #expect(try await exchange().status == 503)
    #expect(try await exchange().status == 503)
    // The first makes the code used, so that the second conflicts.
    try await store.arrive()
    #expect(try await exchange().status == 200)
    #expect(try await isGrantOpen())
  }

  @Test func `what arrives after the code was exchanged anew changes nothing`() async throws {
    store.fail(.delayed)
    #expect(try await exchange().status == 503)
    #expect(try await exchange().status == 200)
    try await store.arrive()
    #expect(try await families().count == 1)
    #expect(try await isGrantOpen())
  }

  @Test func `taking back may fail as often as it likes`() async throws {
    store.fail(.answerLost, .answerLost, .delayed, .answerLost)
    #expect(try await exchange().status == 503)
    var statuses: [Int] = []
    while statuses.last != 200, statuses.count < 9 { statuses.append(try await exchange().status) }
    #expect(statuses.allSatisfy { $0 == 503 || $0 == 200 } && statuses.last == 200, "\(statuses)")
    #expect(try await families().count { $0.closedAt == nil } == 1)
  }

  @Test func `at a node that knows nothing of it the second use ends the grant`() async throws {
    store.fail(.answerLost)
    #expect(try await exchange().status == 503)
    let other = try await Self.node(store, keyFile, sink)
    #expect(try await exchange(at: other).status == 400)
    #expect(try await !isGrantOpen())
    // And the node that does know cannot give it life again.
    #expect(try await exchange().status == 400)
  }

  @Test func `it may be taken back at the very moment it is asked for`() async throws {
    store.fail(.answerLost)
    #expect(try await exchange().status == 503)
    let store = store
    let issuer = issuer
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { try? await issuer.unanswered.settle(in: store, now: Clock.now) } }
    }
    async let settling: Void = issuer.unanswered.settle(in: store, now: Clock.now)
    #expect(try await exchange().status == 200)
    try await settling
    #expect(try await families().count { $0.closedAt == nil } == 1)
  }

  @Test func `what nobody got ends also when the code's time is over`() async throws {
    store.fail(.answerLost)
    #expect(try await exchange().status == 503)
    let later = Clock.now + Lifetime(clamping: 600)
    try await issuer.unanswered.settle(in: store, now: later)
    #expect(try await families().allSatisfy { $0.closedAt != nil })
  }

  @Test func `a damaged code keeps none of the others`() async throws {
    let grant = try #require(try await store.read(Grant.self, "g")).record
    let codes = (0..<4).map { Secret("code-\($0)") }
    for code in codes { _ = try await store.commit(Batch([Self.record(code, grant).insertion])) }
    store.fail(.answerLost, times: codes.count)
    for number in codes.indices {
      #expect(try await token("grant_type=authorization_code&code=code-\(number)").status == 503)
    }
    let damaged = RecordKey(.authorizationCode, TokenText.digest(codes[1]).hexadecimal)
    let version = try #require(try await store.base.read([damaged]).first??.version)
    let broken = StoredChange.replace(damaged, expecting: version, body: [1], expiresAt: nil, indexes: [:])
    #expect(try await store.base.commit(Batch([broken])) == .committed)
    try await issuer.unanswered.settle(in: store, now: Clock.now)
    #expect(try await families().count { $0.closedAt == nil } == 1)
  }

  @Test func `many that were not answered are looked at together`() async throws {
    let grant = try #require(try await store.read(Grant.self, "g")).record
    let count = 30
    for number in 0..<count {
      _ = try await store.commit(Batch([Self.record(Secret("code-\(number)"), grant).insertion]))
    }
    store.fail(.answerLost, times: count)
    for number in 0..<count {
      #expect(try await token("grant_type=authorization_code&code=code-\(number)").status == 503)
    }
    let before = store.reads.load(ordering: .relaxed)
    try await issuer.unanswered.settle(in: store, now: Clock.now)
    #expect(store.reads.load(ordering: .relaxed) == before + 1)
    #expect(try await families().allSatisfy { $0.closedAt != nil })
    #expect(try await families().count == count)
  }
}
