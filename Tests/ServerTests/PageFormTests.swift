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

@Suite("RFC 9700 §4.7 Forms come from our own pages, in time, in a session")
struct PageFormTests {
  /// A form as a browser would send it, from a page made at that moment.
  private func post(_ path: String, _ server: InProcessServer, made: Instant, cookie: String) async throws
    -> OutgoingAnswer
  {
    let stamp = "\(made.secondsSince1970).0f0f"
    let mac = HMACSHA256.authenticate(Array((stamp + "." + cookie).utf8), key: InProcessServer.formKey)
    let token = stamp + "." + Base64URL.encode(mac)
    var headers = HTTPFields()
    headers[.cookie] = "doorward=" + cookie
    headers[.contentType] = "application/x-www-form-urlencoded"
    return await Endpoints(issuer: server.issuer).respond(
      to: IncomingRequest(
        method: "POST", target: try RequestTarget(path), headers: headers, host: "issuer.example", peer: nil,
        trace: .random(), body: Array(Form.encode([("form_token", token), ("grant", "c")]).utf8)))
  }

  private func reason(_ server: InProcessServer) async -> String? {
    await server.issuer.journal.flush()
    return server.sink.bodies.withLock { $0.last?["reason"]?.string }
  }

  private let cookie = "dwn_" + String(repeating: "c", count: 43)

  @Test func `a form that is older than an hour is refused on a page that helps`() async throws {
    let server = try await InProcessServer()
    let answer = try await post("/account", server, made: Clock.now - Lifetime(clamping: 3700), cookie: cookie)
    #expect(answer.status == 410)
    #expect(await reason(server) == "form_expired")
    #expect(String(decoding: answer.body, as: UTF8.self).contains("<h1"))
  }

  @Test func `a form in time whose session is over is refused`() async throws {
    let server = try await InProcessServer()
    let answer = try await post("/account", server, made: Clock.now, cookie: cookie)
    #expect(answer.status == 410)
    #expect(await reason(server) == "signed_out_meanwhile")
  }

  @Test func `a form of another browser is refused`() async throws {
    let server = try await InProcessServer()
    let stamp = "\(Clock.now.secondsSince1970).0f0f"
    let mac = HMACSHA256.authenticate(Array((stamp + "." + cookie + "x").utf8), key: InProcessServer.formKey)
    var headers = HTTPFields()
    headers[.cookie] = "doorward=" + cookie
    headers[.contentType] = "application/x-www-form-urlencoded"
    let answer = await Endpoints(issuer: server.issuer).respond(
      to: IncomingRequest(
        method: "POST", target: try RequestTarget("/account"), headers: headers, host: "issuer.example", peer: nil,
        trace: .random(), body: Array(Form.encode([("form_token", stamp + "." + Base64URL.encode(mac))]).utf8)))
    #expect(answer.status == 403)
    #expect(await reason(server) == "form_token_mismatch")
  }
}
