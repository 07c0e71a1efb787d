import AuthorizationServer
import Dialects
import OAuth
import StrictJSON
import Vocabulary

/// What a test, or a newcomer, needs to drive the demo.
struct DemoManifest {
  let node: Node
  let seed: DemoSeed
  let clients: [DemoSeed.Seeded]
  let now: Instant

  func json() async throws -> JSON {
    var contracts: [JSON.Member] = []
    for api in node.issuer.apis { contracts.append(.init(api.contract.name, try await contract(api))) }
    return .object([
      .init("issuer", .string(node.issuer.url)),
      .init("users", [["username": .string(DemoSeed.username), "password": .string(DemoSeed.password)]]),
      .init("clients", .object(clients.map { .init($0.name, client($0.created)) })),
      .init("contracts", .object(contracts)),
    ])
  }

  private func client(_ created: ClientRegistration.Created) -> JSON {
    var members: [JSON.Member] = [.init("client_id", .string(created.client.id.value))]
    if let secret = created.secret { members.append(.init("client_secret", .string(secret.reveal()))) }
    members.append(.init("scope", .string(created.client.scopes.description)))
    if !created.client.redirectURIs.isEmpty {
      members.append(.init("redirect_uris", .array(created.client.redirectURIs.map { .string($0.value) })))
    }
    return .object(members)
  }

  private func id(_ name: String) -> ClientID {
    clients.first { $0.name == name }?.created.client.id ?? ClientID("")
  }

  private func contract(_ api: ProtectedAPI) async throws -> JSON {
    let tokens = DemoTokens(node: node, now: now)
    let (protected, request) = self.request(api)
    var kinds = try await tokens.kinds(request).map { JSON.Member($0.0, .string($0.1)) }
    if api.contract.name == "smartcar-v2" || api.contract.name == "oauth", let rule = api.contract.refreshToken {
      let holder = api.contract.name == "oauth" ? id("web") : request.client
      let owned = DemoTokens.Request(
        api: api, client: holder, subject: seed.subject,
        scopes: api.contract.name == "oauth" ? "api.read" : request.scopes, forbiddenScopes: "",
        details: request.details)
      kinds.append(
        .init("refresh", .string(try await tokens.refreshToken(owned, rule: rule, audience: [api.audience]))))
    }
    return [
      "base": .string(node.issuer.url + api.prefixPath), "protected": .string(protected), "tokens": .object(kinds),
    ]
  }

  private func request(_ api: ProtectedAPI) -> (String, DemoTokens.Request) {
    let vehicle = DemoAPIs.vehicles[0]
    func make(
      _ client: String, _ scopes: String, _ forbidden: String, person: Bool = false,
      _ details: [AuthorizationDetail] = []
    ) -> DemoTokens.Request {
      DemoTokens.Request(
        api: api, client: id(client), subject: person ? seed.subject : SubjectID(id(client).value), scopes: scopes,
        forbiddenScopes: forbidden, details: details)
    }
    let detail = [AuthorizationDetail(type: "vehicle", identifier: vehicle)]
    switch api.contract.name {
    case "smartcar-v2":
      return (
        "/v2.0/vehicles/\(vehicle)/odometer",
        make("smartcar", "read_odometer read_vehicle_info read_user_profile", "read_vin", person: true, detail)
      )
    case "smartcar-v3":
      return ("/v3/vehicles/\(vehicle)", make("smartcar", "read_vehicle_info", "read_vehicle_info", detail))
    case "shaid": return ("/maids/0/appid", make("machine", "appids", "other"))
    case "kordiam": return ("/api/v2/elements", make("kordiam", "api.read api.write", "other"))
    case "cyoda": return ("/api/entities", make("cyoda", "api.read", "other"))
    case "problem": return ("/notes", make("machine", "api.read", "other"))
    default: return ("/notes", make("machine", "api.read api.write", "other"))
    }
  }
}
