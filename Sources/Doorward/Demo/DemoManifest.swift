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
        api: api, client: holder, subject: seed.subject, scopes: request.scopes, forbiddenScopes: "",
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

/// The tour for the terminal: lines that work when they are pasted.
struct DemoTour {
  let url: String
  let manifest: JSON

  var text: String {
    func token(_ contract: String, _ kind: String) -> String {
      manifest["contracts"]?[contract]?["tokens"]?[kind]?.string ?? ""
    }
    let machine = manifest["clients"]?["machine"]
    let id = machine?["client_id"]?.string ?? ""
    let secret = machine?["client_secret"]?.string ?? ""
    let vehicle = DemoAPIs.vehicles[0]
    return """
      Doorward's demo answers at \(url)   (Ctrl-C ends it)

      1. A token, and an API that takes it:
         TOKEN=$(curl -s \(url)/oauth/token -u '\(id):\(secret)' -d grant_type=client_credentials | sed 's/.*"access_token":"\\([^"]*\\).*/\\1/')
         curl -i \(url)/api/notes -H "Authorization: Bearer $TOKEN"

      2. The same refusal in five dialects (no credential at all):
         curl -i \(url)/api/notes
         curl -i \(url)/smartcar/v3/vehicles/\(vehicle)
         curl -i \(url)/smartcar/v2.0/vehicles/\(vehicle)/odometer
         curl -i \(url)/shaid/maids/0/appid
         curl -i \(url)/kordiam/api/v2/elements
         curl -i \(url)/cyoda/api/entities

      3. An expired token, as SHAID and Kordiam say it:
         curl -i \(url)/shaid/maids/0/appid -H 'Authorization: \(token("shaid", "expired"))'
         curl -i \(url)/kordiam/api/v2/elements -H 'Authorization: Bearer \(token("kordiam", "expired"))'

      4. Why? Take the Trace-Id of any answer above:
         doorward explain TRACE --data DATA_FOLDER
         curl -s \(url)/errors/access-token-expired.md
      """
  }
}
