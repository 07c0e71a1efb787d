import Catalogue
import Dialects
import StrictJSON
import Vocabulary

/// The paths of OpenAPI 3.1: each route of the APIs and each endpoint for programs, with the codes it can give.
struct OpenAPIOperations {
  let site: DocumentationSite

  /// One method of one path.
  private struct Operation {
    let contract: Contract
    let place: Place
    let template: String
    let codes: [Code]
    /// What is shown to the person instead of being sent back.
    var pages: [Code] = []
    /// Refused inside, and 200 outside.
    var silent: [Code] = []
    var good = "What the API answers."
    var route: Route?
    var api: ProtectedAPI?
  }

  private struct Path {
    let path: String
    var operations: [JSON.Member]
  }

  var json: JSON {
    var paths: [Path] = []
    for (path, method, operation) in all {
      let member = JSON.Member(method.lowercased(), describe(operation))
      if let index = paths.firstIndex(where: { $0.path == path }) {
        if !paths[index].operations.contains(where: { $0.name == member.name }) {
          paths[index].operations.append(member)
        }
      } else {
        paths.append(Path(path: path, operations: [member]))
      }
    }
    return .object(paths.map { .init($0.path, .object($0.operations)) })
  }

  private static let methods: Set<String> = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"]

  private var all: [(path: String, method: String, Operation)] {
    var all: [(String, String, Operation)] = []
    for api in site.apis {
      for route in api.routes {
        let below = Self.template(route.template)
        for method in route.methods where Self.methods.contains(method) {
          let operation = Operation(
            contract: api.contract, place: .api, template: below, codes: OperationCodes.codes(api, route), route: route,
            api: api)
          all.append((api.prefixPath + below, method, operation))
        }
      }
      // The issuer's own lie below the issuer, wherever its contract is used.
      if !api.prefixPath.isEmpty, api.contract.name != site.contracts.first?.name {
        all += endpoints(api.contract, prefix: api.prefixPath, hasResources: api.resources != nil)
      }
    }
    if let own = site.contracts.first { all += endpoints(own, prefix: "", hasResources: false) + issuersOwn(own) }
    return all
  }

  private func endpoints(
    _ contract: Contract, prefix: String, hasResources: Bool
  ) -> [(String, String, Operation)] {
    var all: [(String, String, Operation)] = contract.tokenEndpoints.map { rule in
      let codes = OperationCodes.codes(contract, rule)
      let operation = Operation(
        contract: contract, place: .token, template: rule.path, codes: codes, good: "The token.")
      return (prefix + rule.path, "POST", operation)
    }
    guard let rule = contract.authorization else { return all }
    for path in [rule.path, hasResources ? rule.reauthentication?.path : nil].compactMap({ $0 }) {
      let operation = Operation(
        contract: contract, place: .authorization, template: path, codes: OperationCodes.sentBack(contract),
        pages: OperationCodes.shown, good: "A page for the person.")
      all.append((prefix + path, "GET", operation))
      all.append((prefix + path, "POST", operation))
    }
    return all
  }

  /// Introspection (RFC 7662), revocation (RFC 7009) and UserInfo (OpenID Connect Core §5.3).
  private func issuersOwn(_ contract: Contract) -> [(String, String, Operation)] {
    func atToken(_ path: String, _ silent: Code, _ good: String) -> (String, String, Operation) {
      let codes = OperationCodes.inspection.filter { contract.form(of: $0, at: .token) != nil }
      return (
        path, "POST",
        Operation(
          contract: contract, place: .token, template: path, codes: codes, silent: [silent], good: good)
      )
    }
    let person = Operation(
      contract: contract, place: .api, template: "/oauth/userinfo",
      codes: OperationCodes.userInfo.filter { contract.form(of: $0, at: .api) != nil },
      good: "What is known of the person.")
    return [
      atToken("/oauth/introspect", .introspectionInactive, "What the token is, or that it is not active."),
      atToken("/oauth/revoke", .revocationIgnored, "Nothing: the token is of no use, now or since ever."),
      ("/oauth/userinfo", "GET", person), ("/oauth/userinfo", "POST", person),
    ]
  }

  /// What follows a star has no name, and a document wants one; a variable's form is said beside it.
  private static func template(_ template: String) -> String {
    let parts = template.split(separator: "/", omittingEmptySubsequences: false)
    return parts.map { part in
      if part.contains("*") { return "{rest}" }
      return part.hasPrefix("{") ? part.prefix { $0 != ":" && $0 != "}" } + "}" : String(part)
    }.joined(separator: "/")
  }

  private func describe(_ operation: Operation) -> JSON {
    let variables = operation.template.split(separator: "{").dropFirst().map { String($0.prefix { $0 != "}" }) }
    let parameters: [JSON] = variables.map { name in
      let isUUID = operation.route?.uuids.contains(name) == true
      return [
        "name": .string(name), "in": "path", "required": true,
        "schema": isUUID ? ["type": "string", "format": "uuid"] : ["type": "string"],
      ]
    }
    var byStatus: [Int: [Code]] = [:]
    for code in operation.codes {
      let statuses = operation.contract.form(of: code, at: operation.place)?.statuses ?? []
      for status in statuses { byStatus[status, default: []].append(code) }
    }
    var shown: [Int: [Code]] = [:]
    for code in operation.pages { shown[code.entry.status, default: []].append(code) }
    let refused =
      byStatus.map { JSON.Member(String($0), refusals($1, operation.contract, operation.place)) }
      + shown.map { JSON.Member(String($0), Self.page($1)) }
    var members: [JSON.Member] = [
      .init("parameters", .array(parameters)),
      .init("responses", .object([good(operation)] + refused.sorted { $0.name < $1.name })),
      .init("x-contract", .string(operation.contract.name)),
    ]
    if let host = operation.api?.host { members.append(.init("servers", [["url": .string("https://\(host)")]])) }
    return .object(members)
  }

  private func good(_ operation: Operation) -> JSON.Member {
    var members: [JSON.Member] = [.init("description", .string(operation.good))]
    if !operation.silent.isEmpty {
      members.append(.init("x-codes", .array(operation.silent.map { .string($0.rawValue) })))
    }
    return .init(operation.place == .api ? "2XX" : "200", .object(members))
  }

  private static func described(_ codes: [Code]) -> [JSON.Member] {
    [
      .init("description", .string(codes.map(\.rawValue).joined(separator: ", "))),
      .init("x-codes", .array(codes.map { .string($0.rawValue) })),
    ]
  }

  private static func page(_ codes: [Code]) -> JSON {
    .object(described(codes) + [.init("content", ["text/html": ["schema": ["type": "string"]]])])
  }

  private func refusals(_ codes: [Code], _ contract: Contract, _ place: Place) -> JSON {
    let references: [JSON] = codes.map {
      ["$ref": .string("#/components/schemas/" + OpenAPIDocument.name($0, contract, place))]
    }
    var members = Self.described(codes)
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
