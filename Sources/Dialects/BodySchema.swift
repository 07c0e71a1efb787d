public import Catalogue
public import StrictJSON
import Vocabulary

/// What an answer of one code looks like at one place, before there is a request: for documents that programs read.
public struct WireForm: Sendable {
  /// The code that is worded: a contract without a word for the asked one says a coarser one.
  public let code: Code
  /// Two where the status depends on how the client authenticated (RFC 6749 §5.2).
  public let statuses: [Int]
  public let mediaType: String
  /// JSON Schema (draft 2020-12) of the body.
  public let schema: JSON
}

extension Contract {
  /// Whether anything of that place is worded here at all.
  public func has(_ place: Place) -> Bool {
    switch place {
    case .api: true
    case .token: !tokenEndpoints.isEmpty
    case .authorization: authorization != nil
    case .page, .documentation, .terminal: false
    }
  }

  /// `nil` where the contract does not say that code at that place, or it looks like success.
  public func form(of code: Code, at place: Place) -> WireForm? {
    guard has(place), code.entry.places.contains(place), code.entry.status >= 400 else { return nil }
    let wording = place == .token ? token : place == .authorization ? redirect ?? api : api
    guard let (worded, found) = wording.find(code) else { return nil }
    let statuses =
      switch found.status {
      case .fixed(let status): place == .authorization ? [authorization?.redirectStatus ?? 303] : [status]
      case .dependsOnAuthorization: [400, 401]
      }
    return WireForm(
      code: worded, statuses: statuses, mediaType: wording.mediaType,
      schema: BodySchema(code: worded, statuses: statuses).schema(of: found.body))
  }

  /// Every body of a place: any one of its cases.
  public func bodySchema(at place: Place) -> JSON {
    var schemas: [JSON] = []
    for code in Code.allCases {
      if let schema = form(of: code, at: place)?.schema, !schemas.contains(schema) { schemas.append(schema) }
    }
    return ["anyOf": .array(schemas)]
  }
}

/// The JSON Schema of a template: what is constant is required to the letter.
struct BodySchema {
  let code: Code
  let statuses: [Int]

  func schema(of template: Template) -> JSON {
    switch template {
    case .constant(let bytes): ["const": (try? JSON(parsing: bytes)) ?? .null]
    case .slot(let slot): schema(of: slot)
    case .text(let pieces): ["type": "string", "pattern": .string("^" + pieces.map(pattern).joined() + "$")]
    case .array(let items):
      ["type": "array", "minItems": .integer(items.count), "items": ["anyOf": .array(items.map(schema))]]
    case .object(let fields): schema(of: fields)
    }
  }

  private func schema(of fields: [Template.Field]) -> JSON {
    var properties: [JSON.Member] = []
    var required: [JSON] = []
    for field in fields {
      switch field {
      case .member(let bytes, let value):
        // Written as `"name":`, ready to be sent.
        guard let name = (try? JSON(parsing: bytes.dropLast()))?.string else { continue }
        properties.append(.init(name, schema(of: value)))
        if isAlwaysThere(value) { required.append(.string(name)) }
      case .allMembers:
        properties += Member.Name.allCases.map { .init($0.rawValue, Self.schema(of: $0)) }
      }
    }
    return .object([
      .init("type", "object"), .init("properties", .object(properties)), .init("required", .array(required)),
      .init("additionalProperties", false),
    ])
  }

  /// A slot on its own disappears with its value; inside a text it leaves an empty place.
  private func isAlwaysThere(_ template: Template) -> Bool {
    guard case .slot(let slot) = template else { return true }
    switch slot {
    case .name(.error): return code.entry.error != nil
    case .name: return true
    case .member: return false
    }
  }

  private func schema(of slot: Slot) -> JSON {
    switch slot {
    case .member(let name): Self.schema(of: name)
    case .name(let name):
      switch name {
      case .code: ["const": .string(code.rawValue)]
      case .title: ["const": .string(code.entry.title)]
      case .text: ["const": .string(code.entry.text)]
      case .error: ["const": code.entry.error.map { .string($0.rawValue) } ?? .null]
      case .retry: ["const": .string(code.entry.retry.rawValue)]
      case .status: ["enum": .array(statuses.map { .integer($0) })]
      case .statusText: ["enum": .array(statuses.map { .string(String($0)) })]
      case .page: ["type": "string", "format": "uri", "pattern": .string("/errors/\(code.slug)$")]
      case .path: ["type": "string"]
      case .trace: ["type": "string", "pattern": "^[0-9a-f]{32}$"]
      case .traceUUID: ["type": "string", "format": "uuid"]
      }
    }
  }

  /// The type of a typed member.
  static func schema(of member: Member.Name) -> JSON {
    switch member {
    case .parameter, .parameterPlace, .presented, .requiredScope, .expectedAudience, .contentType, .requestedVersion,
      .problem, .topic:
      ["type": "string"]
    case .acceptedLocations, .supportedMediaTypes, .supportedVersions, .allowedMethods, .suggestions:
      ["type": "array", "items": ["type": "string"]]
    case .expiredAt, .notBefore: ["type": "string", "format": "date-time"]
    case .retryAfter: ["type": "integer", "minimum": 0]
    }
  }

  /// A piece as a regular expression (ECMA-262).
  private func pattern(_ piece: Template.Piece) -> String {
    switch piece {
    case .constant(let bytes):
      let text = (try? JSON(parsing: [0x22] + bytes + [0x22]))?.string ?? ""
      return text.unicodeScalars.map { scalar in
        "\\^$.|?*+()[]{}/".unicodeScalars.contains(scalar) ? "\\" + String(scalar) : String(scalar)
      }.joined()
    case .slot: return "[\\s\\S]*"
    }
  }
}
