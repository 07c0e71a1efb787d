import AuthorizationServer
import Catalogue
import Foundation
import HTTPTypes
import OAuth
import Storage
import StrictJSON
import Testing
import Vocabulary

@Suite("The documentation is there for everybody, in every form, whatever fails")
struct DocumentationTests {
  private func get(_ path: String, _ server: InProcessServer, accept: String? = nil, known: String? = nil)
    async throws -> OutgoingAnswer
  {
    var headers = HTTPFields()
    headers[.accept] = accept
    headers[.ifNoneMatch] = known
    return await Endpoints(issuer: server.issuer).respond(
      to: IncomingRequest(
        method: "GET", target: try RequestTarget(path), headers: headers, host: "issuer.example", peer: nil,
        trace: .random()))
  }

  private func header(_ name: String, _ answer: OutgoingAnswer) -> String? {
    answer.headers.first { $0.name == name }?.value
  }

  @Test(arguments: [
    "/errors", "/errors/storage-unavailable", "/errors/storage-unavailable.md", "/errors/reasons/storage-unavailable",
    "/errors.json", "/errors/schema.json", "/errors/openapi.json", "/llms.txt", "/errors/llms-full.txt", "/help",
    "/help/contracts.kordiam", "/docs/errors/unauthorized",
  ])
  func `it is served while the store fails, and sets no cookie`(_ path: String) async throws {
    let server = try await InProcessServer()
    await server.store.fail(with: .unavailable("gone"))
    let answer = try await get(path, server)
    #expect([200, 301].contains(answer.status))
    #expect(header("Set-Cookie", answer) == nil)
  }

  @Test(arguments: [
    (nil, "text/html"), ("*/*", "text/html"), ("", "text/html"), ("garbage;;,/", "text/html"),
    ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"), ("text/markdown", "text/markdown"),
    ("text/markdown, */*;q=0.1", "text/markdown"), ("application/json, text/plain, */*", "application/json"),
    ("application/problem+json", "application/json"), ("text/plain", "text/plain"), ("text/troff", "text/troff"),
    ("text/html;q=0, text/*;q=0.3", "text/markdown"), ("text/html;q=0.2, application/json;q=0.3", "application/json"),
    ("TEXT/Markdown ; Q=1", "text/markdown"), ("text/html;q=0.9, text/markdown;q=2", "text/html"),
    ("image/png", "text/html"),
  ])
  func `RFC 9110 §12.5.1 the best of the forms that are asked for`(_ accept: String?, _ type: String) async throws {
    let answer = try await get("/errors/access-token-expired", InProcessServer(), accept: accept)
    #expect(answer.status == 200)
    #expect(header("Content-Type", answer)?.hasPrefix(type) == true)
    #expect(header("Vary", answer) == "Accept")
  }

  @Test func `a suffix beats what is asked for`() async throws {
    let answer = try await get("/errors/access-token-expired.md", InProcessServer(), accept: "application/json")
    #expect(header("Content-Type", answer)?.hasPrefix("text/markdown") == true)
  }

  @Test func `RFC 9110 §13.1.2 who has the page is told so, and gets no body`() async throws {
    let server = try await InProcessServer()
    let first = try await get("/errors/access-token-expired", server)
    let tag = try #require(header("ETag", first))
    for known in [tag, "W/" + tag, "\"other\", " + tag, "*"] {
      let second = try await get("/errors/access-token-expired", server, known: known)
      #expect(second.status == 304)
      #expect(second.body.isEmpty)
      #expect(header("ETag", second) == tag)
    }
    #expect(try await get("/errors/access-token-expired", server, known: "\"other\"").status == 200)
    #expect(try await get("/errors/access-token-expired.md", server, known: tag).status == 200)
  }

  @Test(arguments: [
    ("/errors/ACCESS_TOKEN_EXPIRED", "/errors/access-token-expired"),
    ("/errors/access_token_expired.md", "/errors/access-token-expired.md"),
    ("/errors/token_expired", "/errors/reasons/token-expired"), ("/errors/", "/errors"),
    ("/errors/reasons/token_expired?x=1", "/errors/reasons/token-expired?x=1"),
    ("/errors.NOT_FOUND", "/errors/not-found"), ("/docs/errors/access-token-expired", "/errors/access-token-expired"),
  ])
  func `another spelling leads to the written one`(_ spelled: String, _ canonical: String) async throws {
    let answer = try await get(spelled, InProcessServer())
    #expect(answer.status == 301)
    #expect(header("Location", answer) == canonical)
  }

  @Test func `filters narrow the list, and what no code has leaves none`() async throws {
    let server = try await InProcessServer()
    func codes(_ query: String) async throws -> [JSON] {
      let answer = try await get("/errors.json?" + query, server)
      return try #require(try JSON(parsing: answer.body)["codes"]?.array)
    }
    let found = try await codes("status=401&where=token&actor=developer")
    #expect(
      found.count
        == Code.allCases.filter {
          $0.entry.status == 401 && $0.entry.places.contains(.token) && $0.entry.actors.contains(.developer)
        }.count)
    #expect(!found.isEmpty)
    #expect(try await codes("status=999").isEmpty)
    #expect(try await codes("q=refresh+reused").compactMap { $0["code"]?.string } == ["REFRESH_TOKEN_REJECTED"])
  }

  @Test func `an unknown page names the nearest`() async throws {
    let answer = try await get("/errors/access-token-expird", InProcessServer())
    #expect(answer.status == 404)
    let nearest = try JSON(parsing: answer.body)["suggestions"]?.array?.compactMap(\.string) ?? []
    #expect(nearest.contains("errors.ACCESS_TOKEN_EXPIRED"))
  }

  @Test func `an export has every page in every form, and no link that leaves it but to the server`() async throws {
    let server = try await InProcessServer()
    let files = SiteExport(server.issuer.site).files()
    let names = Set(files.map(\.path))
    #expect(names.count == files.count)
    for code in Code.allCases {
      #expect(names.contains("errors/\(code.slug)/index.html"))
      for suffix in ["md", "json", "txt", "7"] { #expect(names.contains("errors/\(code.slug).\(suffix)")) }
    }
    for file in files where file.path.hasSuffix(".html") {
      let text = String(decoding: file.bytes, as: UTF8.self)
      #expect(!text.contains("href=\"/") && !text.contains("src=\"/"), "\(file.path)")
    }
  }
}
