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

@Suite("Signing keys: what happens while they change, and without them")
struct SigningKeyTests {
  @Test func `no request finds an algorithm without a key while keys rotate`() async throws {
    let server = try await InProcessServer()
    let snapshot = server.snapshot
    let watching = Task.detached {
      var looks = 0
      while !Task.isCancelled {
        guard snapshot.keys.signingKey("ES256") != nil else { return -1 }
        looks += 1
      }
      return looks
    }
    for _ in 0..<50 {
      let rotated = try await KeyLifecycle.rotate(
        .es256, longestLifetime: Lifetime(clamping: 60), store: server.store, keyFile: server.keyFile, now: Clock.now)
      #expect(rotated?.retired.count == 1)
      try await snapshot.catchUp(server.store)
    }
    watching.cancel()
    #expect(await watching.value >= 0, "a look found no key")
  }

  @Test func `without a key no token is issued, and the refusal says so in all its voices`() async throws {
    let server = try await InProcessServer(withKeys: false)
    let refused = try await server.refreshing()
    #expect(refused.status == 503)
    #expect(try JSON(parsing: refused.body)["error"]?.string == "temporarily_unavailable")
    await server.issuer.journal.flush()
    let record = try #require(server.sink.bodies.withLock { $0.first })
    #expect(record["code"]?.string == "KEYS_UNAVAILABLE")
    #expect(record["reason"]?.string == "signing_key_absent")
    #expect(record.text.contains("ES256"))
    // The refresh token was not used up by a failure of ours.
    #expect(try await server.store.read(TokenFamily.self, "f")?.record.generation == 1)
    try await KeyLifecycle.ensure(
      [.es256], snapshot: server.snapshot, store: server.store, keyFile: server.keyFile, now: Clock.now)
    #expect(try await server.refreshing().status == 200)
  }

  @Test(arguments: Contract.bundledNames)
  func `an internal fault is a 500 of the API's own shape that names nothing inside`(_ name: String) async throws {
    let server = try await InProcessServer()
    let contract = try #require(Contract.bundled(name))
    let request = IncomingRequest(
      method: "GET", target: .root, headers: [:], host: "issuer.example", peer: nil, trace: .random())
    let answer = server.issuer.refuse(
      .service(.fault("a pointer of ours")), request, contract: contract, place: .api, path: "/x")
    #expect(answer.status == 500)
    #expect(!String(decoding: answer.body, as: UTF8.self).contains("pointer"))
    await server.issuer.journal.flush()
    let record = try #require(server.sink.bodies.withLock { $0.first })
    #expect(record["code"]?.string == "INTERNAL_FAULT")
    #expect(record.text.contains("a pointer of ours"))
  }

  @Test func `a new key's name can be given to a command, which would take a dash for an option`() throws {
    let keyFile = try KeyFile(path: FileManager.default.temporaryDirectory.path + "/doorward-" + UUID().uuidString)
    for _ in 0..<400 {
      #expect(try !KeyLifecycle.make(.es256, keyFile: keyFile, now: Clock.now).id.value.hasPrefix("-"))
    }
  }
}
