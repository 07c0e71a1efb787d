import AsyncHTTPClient
import AuthorizationServer
import Catalogue
import Dialects
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import OAuth
import SQLiteStorage
import Storage
import StrictJSON
import Vocabulary

/// The client that `doorward provoke` makes for the time it runs: registered in the server's own store, with a token
/// for each API, and removed with them.
struct ProvokingClient {
  let node: Node
  private let client: Client
  private let secret: Secret
  private let http: HTTPClient

  private static let redirectURI = "http://127.0.0.1/provoked"

  static func open(_ node: Node) async throws -> ProvokingClient {
    let scopes = node.issuer.apis.reduce(Scopes(parsing: "openid") ?? .none) { $0.union($1.scopes) }
    let details = DemoAPIs.vehicles.map { AuthorizationDetail(type: "vehicle", identifier: $0) }
    let created = ClientRegistration.make(
      name: "doorward provoke", methods: [.basic, .post], grants: GrantType.allCases, scopes: scopes,
      redirectURIs: [try RedirectURI(redirectURI)], details: details, now: Clock.now)
    do { _ = try await node.issuer.store.commit(Batch([created.client.insertion])) } catch {
      throw Ending.unavailable(describe(error))
    }
    return ProvokingClient(
      node: node, client: created.client, secret: created.secret ?? Secret(""),
      http: HTTPClient(
        eventLoopGroupProvider: .singleton, configuration: HTTPClient.Configuration(redirectConfiguration: .disallow)))
  }

  /// With the client everything issued to it ends.
  func close() async {
    _ = try? await node.issuer.store.commit(
      Batch([StoredChange.close(RecordKey(.client, client.id.value), at: Clock.now)]))
    try? await http.shutdown()
    await node.issuer.store.close()
  }

  /// Lets the running server see the client, and finds out whether it runs.
  func introduce() async throws {
    var answer = ProvokedAnswer(ProvocationRecipe(code: .internalFault, reason: nil, contract: "oauth", place: .token))
    answer.method = "POST"
    answer.url = node.issuer.url + "/oauth/token"
    try await send(&answer, credential: basic, form: "grant_type=client_credentials")
    guard answer.status == 200 else {
      throw Ending.unavailable("the server at \(node.issuer.url) does not know this folder's clients; is it another's?")
    }
  }

  func run(_ recipe: ProvocationRecipe) async throws -> ProvokedAnswer {
    var answer = ProvokedAnswer(recipe)
    guard let api = node.issuer.apis.first(where: { $0.contract.name == recipe.contract }) else { return answer }
    answer.sent = [(Provoker.headerName, recipe.headerValue)]
    switch recipe.place {
    case .api: try await ask(api, &answer)
    case .token: try await askForToken(api, &answer)
    case .authorization, .page: try await authorize(api, &answer)
    case .documentation, .terminal: try await atTerminal(&answer)
    }
    return answer
  }

  private func ask(_ api: ProtectedAPI, _ answer: inout ProvokedAnswer, withToken: Bool = true) async throws {
    let routes = api.routes.filter { $0.access == .token && $0.methods.contains("GET") }
    guard let route = routes.first(where: { !$0.scopes.isEmpty }) ?? routes.first else { return }
    let path = route.segments.map { segment in
      switch segment {
      case .literal(let text): text
      case .variable(let name): name == "vehicle_id" ? DemoAPIs.vehicles[0] : "1"
      case .rest: "x"
      }
    }
    answer.method = "GET"
    answer.url = node.issuer.url + api.prefixPath + "/" + path.joined(separator: "/")
    guard withToken else { return try await send(&answer, credential: nil) }
    let request = DemoTokens.Request(
      api: api, client: client.id, subject: SubjectID(client.id.value), scopes: api.scopes.description,
      forbiddenScopes: "", details: client.details)
    let token = try await DemoTokens(node: node, now: Clock.now).token(request, request.scopes, lifetime: 60) ?? ""
    let scheme = api.contract.credential.schemes.first.map { $0 + " " } ?? ""
    try await send(&answer, credential: scheme + token)
  }

  private var basic: String {
    "Basic " + Data("\(client.id.value):\(secret.reveal())".utf8).base64EncodedString()
  }

  private func askForToken(_ api: ProtectedAPI, _ answer: inout ProvokedAnswer) async throws {
    answer.method = "POST"
    if answer.recipe.code.entry.status < 400 {
      answer.url =
        node.issuer.url + (answer.recipe.code == .introspectionInactive ? "/oauth/introspect" : "/oauth/revoke")
      return try await send(&answer, credential: basic, form: "token=abc")
    }
    let rules = api.contract.tokenEndpoints
    guard let rule = rules.first(where: { $0.kind == .token }) ?? rules.first else { return }
    let isOwn = api.contract.name == node.issuer.contract.name
    answer.url = node.issuer.url + (isOwn ? "" : api.prefixPath) + rule.path
    if rule.bodies.contains(.form) {
      try await send(&answer, credential: basic, form: "grant_type=client_credentials")
    } else {
      try await send(&answer, credential: basic, json: #"{"grant_type":"client_credentials"}"#)
    }
  }

  private func authorize(_ api: ProtectedAPI, _ answer: inout ProvokedAnswer) async throws {
    guard let rule = api.contract.authorization else { return }
    let isOwn = api.contract.name == node.issuer.contract.name
    // The challenge of RFC 7636, Appendix B.
    let query = Form.encode([
      ("response_type", "code"), ("client_id", client.id.value), ("redirect_uri", Self.redirectURI),
      ("scope", api.scopes.description), ("state", "provoked"),
      ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoGK1t8URWbuGJSstw-cM"), ("code_challenge_method", "S256"),
    ])
    answer.method = "GET"
    answer.url = node.issuer.url + (isOwn ? "" : api.prefixPath) + rule.path + "?" + query
    try await send(&answer, credential: nil)
  }

  /// What no request is answered with.
  private func atTerminal(_ answer: inout ProvokedAnswer) async throws {
    switch answer.recipe.code {
    case .configurationInvalid:
      answer.url = "(doorward config check, with a file that has an unknown key)"
      do {
        _ = try Configuration.load(yaml: "no_such_key: 1\n", file: "provoked.yaml", issuer: nil) { _ in nil }
        answer.happened = false
      } catch {
        answer.body = error.explanation.sentence
        answer.happened = true
      }
    case .traceNotFound:
      answer.url = "(doorward explain, with an id that no request has)"
      let found = try node.data.openJournal(readOnly: true).find(trace: String(repeating: "0", count: 32))
      answer.body = DocumentationRefusal.traceUnknown.explanation.sentence
      answer.happened = found == nil
    default:
      guard let api = node.issuer.apis.first(where: { $0.contract.name == "oauth" }) else { return }
      answer.sent = [(Provoker.headerName, "SCOPE_INSUFFICIENT")]
      try await ask(api, &answer, withToken: false)
      let metrics = try await http.execute(HTTPClientRequest(url: node.issuer.url + "/metrics"), timeout: .seconds(10))
      let text = String(buffer: try await metrics.body.collect(upTo: 16 << 20))
      answer.happened = text.contains("code=\"\(answer.recipe.code.rawValue)\"")
    }
  }

  private func send(
    _ answer: inout ProvokedAnswer, credential: String?, form: String? = nil, json: String? = nil
  ) async throws {
    var request = HTTPClientRequest(url: answer.url)
    request.method = answer.method == "POST" ? .POST : .GET
    for header in answer.sent { request.headers.add(name: header.name, value: header.value) }
    if let credential {
      request.headers.add(name: "Authorization", value: credential)
      let scheme = credential.firstIndex(of: " ").map { credential[...$0] } ?? ""
      answer.sent.append(("Authorization", scheme + "(made for this, and ended)"))
    }
    if let body = form ?? json {
      let type = form == nil ? "application/json" : "application/x-www-form-urlencoded"
      request.headers.add(name: "Content-Type", value: type)
      answer.sent.append(("Content-Type", type))
      request.body = .bytes(ByteBuffer(string: body))
      answer.sentBody = body
    }
    do {
      let response = try await http.execute(request, timeout: .seconds(10))
      answer.status = UInt(response.status.code)
      answer.headers = response.headers.map { ($0.name, $0.value) }
      answer.body = String(buffer: try await response.body.collect(upTo: 1 << 20))
    } catch {
      throw Ending.unavailable("the server at \(node.issuer.url) does not answer; start it with `doorward demo`")
    }
  }
}
