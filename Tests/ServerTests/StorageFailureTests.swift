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
  @Test(arguments: [
    StoreFailure.unavailable("gone"), .readOnly("read-only"), .full("full"), .damaged("damaged"),
  ])
  func `it is 503 with Retry-After, is recorded, and consumes nothing`(_ failure: StoreFailure) async throws {
    let server = try await InProcessServer()
    await server.store.fail(with: failure)
    let refused = try await server.refreshing()
    #expect(refused.status == 503)
    #expect(refused.headers.contains { $0.name == "Retry-After" && $0.value == "5" })
    #expect(try JSON(parsing: refused.body)["error"]?.string == "temporarily_unavailable")
    await server.issuer.journal.flush()
    #expect(server.sink.bodies.withLock { $0.first?["code"]?.string } == "STORAGE_UNAVAILABLE")
    await server.store.fail(with: nil)
    #expect(try await server.refreshing().status == 200)
  }

  @Test func `sixteen refreshes at once rotate once and name one successor`() async throws {
    let server = try await InProcessServer()
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
    let server = try await InProcessServer()
    _ = try await server.refreshing("dws_canary")
    await server.issuer.journal.flush()
    let text = server.sink.bodies.withLock { $0.map(\.text).joined() }
    #expect(text.contains("client_secret_mismatch"))
    #expect(!text.contains("canary"))
    #expect(!text.contains(server.refresh.reveal()))
  }
}
