import Catalogue
import Dialects
import StrictJSON
import Vocabulary

/// `/errors/openapi.json` (OpenAPI 3.1.1): a schema and a response for each code in each contract, and for each operation
/// of this server those it can give.
struct OpenAPIDocument {
  let site: DocumentationSite

  var json: JSON {
    [
      "openapi": "3.1.1",
      "info": [
        "title": "What this server refuses, and how", "version": .string(site.version),
        "description": "Generated from the running release: each operation with the codes it can give.",
      ],
      "servers": [["url": .string(site.url)]],
      "paths": .object(paths.map { .init($0.path, .object($0.operations)) }),
      "components": ["schemas": .object(schemas), "responses": .object(responses)],
    ]
  }

  /// `kordiam.api.ACCESS_TOKEN_EXPIRED`.
  private static func name(_ code: Code, _ contract: Contract, _ place: Place) -> String {
    "\(contract.name).\(place.rawValue).\(code.rawValue)"
  }

  private func each<Value>(_ make: (Code, Contract, Place, WireForm) -> Value) -> [Value] {
    site.contracts.flatMap { contract in
      [Place.api, .token, .authorization].flatMap { place in
        Code.allCases.compactMap { code in
          contract.form(of: code, at: place).map { make(code, contract, place, $0) }
        }
      }
    }
  }

  private var schemas: [JSON.Member] {
    each { code, contract, place, form in .init(Self.name(code, contract, place), form.schema) }
  }

  private var responses: [JSON.Member] {
    each { code, contract, place, form in
      .init(Self.name(code, contract, place), response(code, contract, place, form))
    }
  }

  private func response(_ code: Code, _ contract: Contract, _ place: Place, _ form: WireForm) -> JSON {
    let name = Self.name(code, contract, place)
    if place == .authorization {
      return [
        "description": .string(code.entry.title),
        "headers": [
          "Location": [
            "description": .string("The application's address, with the members of #/components/schemas/\(name)."),
            "schema": ["type": "string", "format": "uri"],
          ]
        ],
      ]
    }
    let wire = WireExamples.wire(code, contract, place, site)
    let fields = (wire?.headers ?? []).filter { $0.name != "Content-Type" }.map { header in
      JSON.Member(header.name, ["schema": ["type": "string"], "example": .string(header.value)])
    }
    let example = wire.flatMap { try? JSON(parsing: $0.body) } ?? .null
    return [
      "description": .string(code.entry.title), "headers": .object(fields),
      "content": .object([
        .init(
          String(form.mediaType.prefix { $0 != ";" }),
          ["schema": ["$ref": .string("#/components/schemas/" + name)], "example": example])
      ]),
    ]
  }

  private struct Path {
    let path: String
    var operations: [JSON.Member]
  }

  private var paths: [Path] {
    var paths: [Path] = []
    func add(_ path: String, _ method: String, _ operation: JSON) {
      let member = JSON.Member(method.lowercased(), operation)
      if let index = paths.firstIndex(where: { $0.path == path }) {
        if !paths[index].operations.contains(where: { $0.name == member.name }) {
          paths[index].operations.append(member)
        }
      } else {
        paths.append(Path(path: path, operations: [member]))
      }
    }
    for api in site.apis {
      for route in api.routes {
        let below = Self.template(route.template)
        for method in route.methods where Self.methods.contains(method) {
          let codes = OperationCodes.codes(api, route)
          add(api.prefixPath + below, method, operation(codes, api.contract, .api, below, route: route, api: api))
        }
      }
      endpoints(api.contract, prefix: api.prefixPath, add)
    }
    if let own = site.contracts.first { endpoints(own, prefix: "", add) }
    return paths
  }

  private static let methods: Set<String> = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"]

  private func endpoints(_ contract: Contract, prefix: String, _ add: (String, String, JSON) -> Void) {
    // The issuer's own lie below the issuer, wherever its contract is used.
    guard prefix.isEmpty || contract.name != site.contracts.first?.name else { return }
    for rule in contract.tokenEndpoints {
      add(prefix + rule.path, "POST", operation(OperationCodes.codes(contract, rule), contract, .token, rule.path))
    }
    if let rule = contract.authorization {
      add(prefix + rule.path, "GET", operation(OperationCodes.codes(contract), contract, .authorization, rule.path))
    }
  }

  /// What follows a star has no name, and a document wants one; a variable's form is said beside it.
  private static func template(_ template: String) -> String {
    let parts = template.split(separator: "/", omittingEmptySubsequences: false)
    return parts.map { part in
      if part.contains("*") { return "{rest}" }
      return part.hasPrefix("{") ? part.prefix { $0 != ":" && $0 != "}" } + "}" : String(part)
    }.joined(separator: "/")
  }

  private func operation(
    _ codes: [Code], _ contract: Contract, _ place: Place, _ template: String, route: Route? = nil,
    api: ProtectedAPI? = nil
  ) -> JSON {
    let variables = template.split(separator: "{").dropFirst().map { String($0.prefix { $0 != "}" }) }
    var byStatus: [Int: [Code]] = [:]
    for code in codes {
      for status in contract.form(of: code, at: place)?.statuses ?? [] { byStatus[status, default: []].append(code) }
    }
    let good: JSON.Member =
      place == .api
      ? .init("2XX", ["description": "What the API answers."])
      : .init("200", ["description": place == .token ? "The token." : "A page for the person."])
    let refused = byStatus.sorted { $0.key < $1.key }.map { status, codes in
      JSON.Member(String(status), refusals(codes, contract, place))
    }
    var members: [JSON.Member] = [
      .init(
        "parameters",
        .array(
          variables.map { name in
            let schema: JSON =
              route?.uuids.contains(name) == true ? ["type": "string", "format": "uuid"] : ["type": "string"]
            return ["name": .string(name), "in": "path", "required": true, "schema": schema]
          })),
      .init("responses", .object([good] + refused)), .init("x-contract", .string(contract.name)),
    ]
    if let host = api?.host { members.append(.init("servers", [["url": .string("https://\(host)")]])) }
    return .object(members)
  }

  private func refusals(_ codes: [Code], _ contract: Contract, _ place: Place) -> JSON {
    let references: [JSON] = codes.map { ["$ref": .string("#/components/schemas/" + Self.name($0, contract, place))] }
    var members: [JSON.Member] = [
      .init("description", .string(codes.map(\.rawValue).joined(separator: ", "))),
      .init("x-codes", .array(codes.map { .string($0.rawValue) })),
    ]
    if place == .authorization {
      members.append(.init("headers", ["Location": ["schema": ["type": "string", "format": "uri"]]]))
    } else if let form = codes.first.flatMap({ contract.form(of: $0, at: place) }) {
      members.append(
        .init(
          "content",
          .object([.init(String(form.mediaType.prefix { $0 != ";" }), ["schema": ["anyOf": .array(references)]])])))
    }
    return .object(members)
  }
}
