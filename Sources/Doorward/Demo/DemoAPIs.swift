import AuthorizationServer
import Dialects
import OAuth
import Vocabulary

/// The APIs of the demo, one for each contract, as a configuration file would have them.
enum DemoAPIs {
  static let vehicles = [
    "36ab27d0-fd9d-4455-823a-ce30af709ffc", "7b3f1e62-6d0a-4f5c-9c1e-2a7d0c5e9b41",
    "c4a1d9be-0f57-4b7e-8a46-51d3c8f02e77",
  ]

  static func all(issuer: String, upstream: String) -> [ProtectedAPI] {
    func api(
      _ name: String, _ contract: String, _ prefix: String, under: [String] = [], _ routes: [Route?],
      resources: ResourceRule? = nil, scopes: [String: ScopeWords] = [:]
    ) -> ProtectedAPI? {
      guard let contract = Contract.bundled(contract) else { return nil }
      return ProtectedAPI(
        id: APIID(name), contract: contract, host: nil, prefix: [prefix], under: under,
        audience: Audience("\(issuer)/\(prefix)" + (under.first.map { "/" + $0 } ?? "")),
        routes: routes.compactMap { $0 },
        upstream: upstream + "/" + name, timeout: Lifetime(clamping: 10), resources: resources, scopeWords: scopes)
    }
    func scopes(_ text: String) -> Scopes { Scopes(parsing: text) ?? .none }
    func vehicle(_ path: String, _ scope: String, _ methods: String = "GET") -> Route? {
      Route("\(methods) /v2.0/vehicles/{vehicle_id:uuid}\(path)", scopes: scopes(scope), resource: "vehicle vehicle_id")
    }
    func v3(_ path: String, _ headers: [String] = []) -> Route? {
      Route(
        "GET /v3/vehicles/{vehicle_id}\(path)", scopes: scopes("read_vehicle_info"), resource: "vehicle vehicle_id",
        headers: headers)
    }
    return [
      api(
        "smartcar-v2", "smartcar-v2", "smartcar", under: ["v2.0", "v1.0"],
        [
          Route("GET /v2.0/user"), Route("GET /v2.0/vehicles"), Route("GET /v2.0/compatibility", access: .client),
          vehicle("", "read_vehicle_info"), vehicle("/permissions", ""), vehicle("/odometer", "read_odometer"),
          vehicle("/vin", "read_vin"), vehicle("/location", "read_location"), vehicle("/batch", "", "POST"),
        ], resources: ResourceRule(type: "vehicle", legend: "Vehicles", path: "/people/vehicles"),
        scopes: DemoScopes.vehicles),
      api(
        "smartcar-v3", "smartcar-v3", "smartcar", under: ["v3"],
        [
          Route("GET /v3/connections"), v3(""), v3("/signals", ["sc-user-id"]), v3("/signals/{code}", ["sc-user-id"]),
        ]),
      api(
        "shaid", "shaid", "shaid",
        [
          Route("GET,POST /maids/0/appid", scopes: scopes("appids")),
          Route("GET,POST /maids/0/appids", scopes: scopes("appids")),
        ]),
      api(
        "kordiam", "kordiam", "kordiam",
        [
          Route("GET /api/v2/elements", scopes: scopes("api.read")),
          Route("GET /api/v2/elements/{id}", scopes: scopes("api.read")),
          Route("POST /api/v2/elements", scopes: scopes("api.write")),
        ]),
      api(
        "cyoda", "cyoda", "cyoda",
        [
          Route("GET /api/entities", scopes: scopes("api.read")),
          Route("GET /api/entities/{id}", scopes: scopes("api.read")),
        ]),
      api("oauth", "oauth", "api", notes, scopes: DemoScopes.notes),
      api("problem", "problem", "problem", notes, scopes: DemoScopes.notes),
    ].compactMap { $0 }
  }

  private static var notes: [Route?] {
    let read = Scopes(parsing: "api.read") ?? .none
    let write = Scopes(parsing: "api.write") ?? .none
    return [
      Route("GET /notes", scopes: read), Route("GET /notes/{id}", scopes: read), Route("POST /notes", scopes: write),
      Route("GET,POST /whoami"),
    ]
  }
}
