#if PostgreSQL
import PostgreSQLStorage
import Storage
import StorageConformance
import Testing

struct PostgreSQLEngine: EngineUnderTest {
  let isDurable = true
  let server: PostgreSQLServer
  let schema: String

  func open() async throws -> any Store { try PostgreSQLStore(server.address, schema: schema) }
}

/// A suite apart from the other engines': one store at a time, so that the server is not asked for hundreds of
/// connections.
@Suite("The PostgreSQL engine keeps every promise of the interface", .serialized)
struct PostgreSQLConformanceTests {
  @Test(
    "conformance", .enabled(if: PostgreSQLServer.shared != nil, "PostgreSQL is not installed"),
    arguments: Conformance.checks)
  func check(_ check: Check) async throws {
    guard let server = PostgreSQLServer.shared else { return }
    try await check.run(PostgreSQLEngine(server: server, schema: server.schema()))
  }
}
#endif
