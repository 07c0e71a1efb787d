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
      "paths": OpenAPIOperations(site: site).json,
      "components": ["schemas": .object(schemas), "responses": .object(responses)],
    ]
  }

  /// `kordiam.api.ACCESS_TOKEN_EXPIRED`.
  static func name(_ code: Code, _ contract: Contract, _ place: Place) -> String {
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
}
