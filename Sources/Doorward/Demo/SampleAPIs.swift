import AuthorizationServer
import Catalogue
import Dialects
import HTTPTypes
import Hummingbird
import NIOCore
import OAuth
import StrictJSON
import Vocabulary

/// The small APIs behind the gate, on a port of their own. They trust the identity headers, as an API behind a
/// gate does; the gate is the only one who can reach them with any.
struct SampleAPIs: HTTPResponder {
  typealias Context = PeerContextOfSample

  let issuer: String

  func respond(to request: Request, context: Context) async throws -> Response {
    let parts = (request.head.path ?? "/").split(separator: "?", maxSplits: 1)
    let path = (parts.first ?? "/").split(separator: "/").map(String.init)
    var body = ""
    if request.method == .post { body = String(buffer: try await request.body.collect(upTo: 1 << 20)) }
    let answer = answer(path, request, body)
    var headers: HTTPFields = [.contentType: answer.type]
    if answer.status >= 400 { headers[.cacheControl] = "no-store" }
    if path.contains("v2.0"), let name = HTTPField.Name("sc-unit-system") {
      headers[name] = request.headers[name] ?? "metric"
      if let age = HTTPField.Name("sc-data-age") { headers[age] = "2026-11-01T08:15:00.000Z" }
    }
    return Response(
      status: .init(code: answer.status), headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.value.bytes)))
  }

  private struct Answer {
    var status = 200
    var type = "application/json"
    let value: JSON
  }

  private func answer(_ path: [String], _ request: Request, _ body: String) -> Answer {
    switch path.first ?? "" {
    case "smartcar-v2" where path.last == "batch" && (try? JSON(parsing: Array(body.utf8))) == nil:
      refused(.request(.bodyUnreadable("not JSON")), "smartcar-v2", request)
    case "smartcar-v2" where path.dropFirst() == ["people", "vehicles"]: Answer(value: Self.garage)
    case "smartcar-v2": Answer(value: smartcar(Array(path.dropFirst(2)), request, body))
    case "smartcar-v3": Answer(value: signals(Array(path.dropFirst(2)), request))
    case "shaid":
      Answer(
        type: "application/json; charset=utf-8",
        value: [
          "data": [
            [
              "id": "0b7f6f0e-2a3c-4f0b-9d53-4a1f6d0c8e21", "createdBy": .string(identity(request, "Subject")),
              "createdOn": "2026-11-01T08:15:00.000Z", "isGenerated": true,
            ]
          ], "id": .string(TraceID(identity(request, nil))?.uuid ?? ""),
        ])
    case "kordiam":
      Answer(
        value: path.count > 4
          ? element(path[4])
          : ["elements": [element("41"), element("42")], "total": 2])
    case "cyoda":
      Answer(value: [
        "entities": [
          ["id": "e-1", "model": "invoice", "state": "APPROVED"], ["id": "e-2", "model": "invoice", "state": "OPEN"],
        ]
      ])
    default:
      path.last == "whoami"
        ? Answer(value: whoami(request))
        : Answer(value: [
          "notes": [
            ["id": 1, "text": "Renew the certificate in March."], ["id": 2, "text": "Ask Ada about the odometer."],
          ]
        ])
    }
  }

  /// An API behind the gate says no through the same renderer.
  private func refused(_ refusal: Refusal, _ name: String, _ request: Request) -> Answer {
    guard let contract = Contract.bundled(name), let trace = TraceID(identity(request, nil)) else {
      return Answer(value: [:])
    }
    let wire = contract.render(
      refusal.disclosed(), at: .api,
      RenderingContext(trace: trace, path: request.head.path ?? "", realm: name, issuer: issuer, resourceMetadata: nil))
    return Answer(status: wire.status, value: (try? JSON(parsing: wire.body)) ?? .null)
  }

  private func element(_ id: String) -> JSON {
    ["id": .string(id), "title": "City council, budget debate", "status": "planned"]
  }

  private func identity(_ request: Request, _ name: String?) -> String {
    HTTPField.Name(name.map { "X-Auth-" + $0 } ?? "Trace-Id").flatMap { request.headers[$0] } ?? ""
  }

  private func whoami(_ request: Request) -> JSON {
    .object(
      request.headers.filter { $0.name.canonicalName.hasPrefix("x-") }
        .map { .init($0.name.canonicalName, .string($0.value)) })
  }

  private func smartcar(_ path: [String], _ request: Request, _ body: String) -> JSON {
    if path == ["user"] { return ["id": .string(identity(request, "Subject"))] }
    let granted = identity(request, "Resources").split(separator: " ").compactMap { resource in
      resource.hasPrefix("vehicle:") ? resource.dropFirst(8).prefix { $0 != "=" } : nil
    }
    if path == ["compatibility"] { return ["compatible": true, "reason": .null, "capabilities": []] }
    if path == ["vehicles"] {
      let query = (request.head.path ?? "").split(separator: "?").dropFirst().first.flatMap {
        try? Form(decoding: $0.utf8)
      }
      let limit = query?["limit"].flatMap(Int.init).map { max(0, min($0, 50)) } ?? 10
      return [
        "vehicles": .array(granted.prefix(limit).map { .string(String($0)) }),
        "paging": ["count": .integer(granted.count), "offset": 0],
      ]
    }
    let id = path.count > 1 ? path[1] : ""
    if path.last == "batch" { return batch(id, request, body) }
    return reading(path.count > 2 ? path[2] : "", id, request)
  }

  private func reading(_ name: String, _ id: String, _ request: Request) -> JSON {
    let imperial = HTTPField.Name("sc-unit-system").flatMap { request.headers[$0] } == "imperial"
    switch name {
    case "odometer": return ["distance": imperial ? .number("64987.35") : .number("104591.0")]
    case "vin": return ["vin": "0SCTESLA012FE3B13"]
    case "location": return ["latitude": .number("52.5200"), "longitude": .number("13.4050")]
    case "permissions":
      let scopes = identity(request, "Scope").split(separator: " ").map { JSON.string(String($0)) }
      return ["permissions": .array(scopes), "paging": ["count": .integer(scopes.count), "offset": 0]]
    default:
      let car = Self.cars[id] ?? ("TESLA", "Model 3", 2024)
      return ["id": .string(id), "make": .string(car.0), "model": .string(car.1), "year": .integer(car.2)]
    }
  }

  private static let cars: [String: (String, String, Int)] = [
    DemoAPIs.vehicles[0]: ("TESLA", "Model 3", 2024), DemoAPIs.vehicles[1]: ("VOLKSWAGEN", "ID.4", 2023),
    DemoAPIs.vehicles[2]: ("BMW", "i3", 2021),
  ]

  /// What the one person of the demo has, for the consent page.
  private static var garage: JSON {
    .array(
      DemoAPIs.vehicles.compactMap { id in
        cars[id].map { car in
          ["id": .string(id), "title": .string("\(car.0) \(car.1)"), "subtitle": .string(String(car.2))]
        }
      })
  }

  /// Each part of a batch is its own request: what the token does not permit is refused in the contract's words.
  private func batch(_ id: String, _ request: Request, _ body: String) -> JSON {
    let needed = [
      "/odometer": "read_odometer", "/vin": "read_vin", "/location": "read_location", "/": "read_vehicle_info",
    ]
    let held = Scopes(parsing: identity(request, "Scope")) ?? .none
    let asked = (try? JSON(parsing: Array(body.utf8)))?["requests"]?.array ?? []
    let responses = asked.prefix(50).map { item -> JSON in
      let path = item["path"]?.string ?? ""
      if let scope = needed[path].flatMap({ Scope($0) }), !held.contains(scope),
        let contract = Contract.bundled("smartcar-v2"),
        let trace = TraceID(identity(request, nil))
      {
        let refusal = Refusal.policy(.scopeMissing(needed: Scopes([scope]), held: held)).disclosed()
        let wire = contract.render(
          refusal, at: .api,
          RenderingContext(trace: trace, path: path, realm: "smartcar-v2", issuer: issuer, resourceMetadata: nil))
        return ["path": .string(path), "code": .integer(wire.status), "body": (try? JSON(parsing: wire.body)) ?? .null]
      }
      return [
        "path": .string(path), "code": 200, "headers": ["sc-unit-system": "metric"],
        "body": reading(String(path.dropFirst()), id, request),
      ]
    }
    return ["responses": .array(Array(responses))]
  }

  private func signals(_ path: [String], _ request: Request) -> JSON {
    let id = path.count > 1 ? path[1] : ""
    guard path.last == "signals" else {
      return [
        "data": [
          "id": .string(id), "type": "vehicle", "attributes": ["make": "TESLA", "model": "Model 3", "year": 2024],
        ]
      ]
    }
    return [
      "data": [
        [
          "id": "odometer-traveleddistance", "type": "signal",
          "attributes": [
            "code": "odometer-traveleddistance", "name": "TraveledDistance", "group": "Odometer",
            "status": ["value": "SUCCESS"], "body": ["value": 104591, "unit": "km"],
          ],
        ]
      ], "meta": ["page": 1, "pageSize": 10, "totalCount": 1],
    ]
  }
}

struct PeerContextOfSample: InitializableFromSource {
  typealias Source = ApplicationRequestContextSource

  init(source: ApplicationRequestContextSource) {}
}
