import Catalogue
import Dialects
import StrictJSON
import Vocabulary

/// The catalogue for programs: `/errors.json`, and the schema it follows.
struct CatalogueDocument {
  let site: DocumentationSite

  init(_ site: DocumentationSite) { self.site = site }

  func json(codes: [Code]) -> JSON {
    let reasons = Reason.all.filter { codes.contains($0.code) }
    return [
      "$schema": .string(site.url + "/errors/schema.json"), "schema": 1, "version": .string(site.version),
      "issuer": .string(site.url), "codes": .array(codes.map(entry)),
      "reasons": .array(
        reasons.map { reason in
          [
            "reason": .string(reason.name), "code": .string(reason.code.rawValue),
            "page": .string("\(site.url)/errors/reasons/\(reason.slug)"), "synopsis": .string(reason.topic.synopsis),
          ]
        }),
    ]
  }

  func entry(_ code: Code) -> JSON {
    let entry = code.entry
    let topic = code.topic
    return [
      "code": .string(code.rawValue), "slug": .string(code.slug),
      "page": .string("\(site.url)/errors/\(code.slug)"), "family": .string(code.family.rawValue),
      "title": .string(entry.title), "text": .string(entry.text), "status": .integer(entry.status),
      "error": entry.error.map { .string($0.rawValue) } ?? .null, "retry": .string(entry.retry.rawValue),
      "retryable": .bool(entry.retry.isRetryable), "challenge": .string(entry.challenge.rawValue),
      "lowers_to": entry.lowersTo.map { .string($0.rawValue) } ?? .null,
      "actors": .array(entry.actors.map { .string($0.rawValue) }),
      "where": .array(entry.places.map { .string($0.rawValue) }),
      "reasons": .array(Reason.all.filter { $0.code == code }.map { .string($0.name) }),
      "synopsis": .string(topic.synopsis), "causes": .string(topic[section: "CAUSES"] ?? ""),
      "fix": .string(topic[section: "FIX"] ?? ""), "stability": .string(topic.stability), "wire": wire(code),
    ]
  }

  /// Each contract's answer, as its renderer writes it.
  private func wire(_ code: Code) -> JSON {
    .array(
      site.contracts.flatMap { contract in
        code.entry.places.compactMap { place -> JSON? in
          guard let form = contract.form(of: code, at: place),
            let wire = WireExamples.wire(code, contract, place, site)
          else { return nil }
          return [
            "contract": .string(contract.name), "where": .string(place.rawValue),
            "status": .integer(place == .authorization ? form.statuses.first ?? wire.status : wire.status),
            "media_type": .string(form.mediaType), "code": .string(form.code.rawValue),
            "body": (try? JSON(parsing: wire.body)) ?? .null,
          ]
        }
      })
  }

  /// JSON Schema of the catalogue, and below `$defs` of every contract's bodies: `$defs/kordiam.api`.
  func schema() -> JSON {
    var definitions: [JSON.Member] = [
      .init("entry", Self.entrySchema),
      .init(
        "reason", Self.object(["reason": Self.string, "code": Self.string, "page": Self.uri, "synopsis": Self.string])),
    ]
    for contract in site.contracts {
      for place in [Place.api, .token, .authorization] where contract.has(place) {
        definitions.append(.init("\(contract.name).\(place.rawValue)", contract.bodySchema(at: place)))
      }
    }
    var schema = Self.object([
      "$schema": Self.uri, "schema": ["const": 1], "version": Self.string, "issuer": Self.uri,
      "codes": ["type": "array", "items": ["$ref": "#/$defs/entry"]],
      "reasons": ["type": "array", "items": ["$ref": "#/$defs/reason"]],
    ])
    let head: [JSON.Member] = [
      .init("$schema", "https://json-schema.org/draft/2020-12/schema"),
      .init("$id", .string(site.url + "/errors/schema.json")),
      .init("title", "The catalogue of refusals, and the bodies of each contract"),
    ]
    schema = .object(head + (schema.members ?? []) + [.init("$defs", .object(definitions))])
    return schema
  }

  private static let string: JSON = ["type": "string"]
  private static let uri: JSON = ["type": "string", "format": "uri"]

  private static func object(_ properties: KeyValuePairs<String, JSON>) -> JSON {
    [
      "type": "object", "properties": .object(properties.map { .init($0.key, $0.value) }),
      "required": .array(properties.map { .string($0.key) }), "additionalProperties": false,
    ]
  }

  private static func choice(_ values: [String]) -> JSON { ["enum": .array(values.map { .string($0) })] }

  private static let entrySchema: JSON = object([
    "code": ["type": "string", "pattern": "^[A-Z][A-Z0-9_]+[A-Z0-9]$", "maxLength": 63], "slug": string, "page": uri,
    "family": choice(CodeFamily.allCases.map(\.rawValue)), "title": string, "text": string,
    "status": ["type": "integer", "minimum": 200, "maximum": 599], "error": ["type": ["string", "null"]],
    "retry": choice(RetryVerdict.allCases.map(\.rawValue)), "retryable": ["type": "boolean"], "challenge": string,
    "lowers_to": ["type": ["string", "null"]],
    "actors": ["type": "array", "items": choice(Actor.allCases.map(\.rawValue))],
    "where": ["type": "array", "items": choice(Place.allCases.map(\.rawValue))],
    "reasons": ["type": "array", "items": string], "synopsis": string, "causes": string, "fix": string,
    "stability": choice(["stable", "evolving", "experimental", "retired"]),
    "wire": [
      "type": "array",
      "items": object([
        "contract": string, "where": choice(Place.allCases.map(\.rawValue)), "status": ["type": "integer"],
        "media_type": string, "code": string, "body": true,
      ]),
    ],
  ])
}
