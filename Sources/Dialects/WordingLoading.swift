import Catalogue
import StrictJSON
import Vocabulary
import Yams

extension Wording {
  /// Reads the cases of one place, and proves that every code given there has words.
  init(_ reader: YAMLReader, at place: Place) throws(ConfigurationRefusal) {
    let entries = try reader.mapping(["media_type", "cases"])
    guard let mediaType = entries["media_type"] else { throw .keyMissing(reader.location, "media_type") }
    guard let list = entries["cases"] else { throw .keyMissing(reader.location, "cases") }
    var cases: [Code: Case] = [:]
    for item in try list.list() {
      let fields = try item.mapping(["codes", "status", "body"])
      guard let codes = fields["codes"] else { throw .keyMissing(item.location, "codes") }
      guard let body = fields["body"] else { throw .keyMissing(item.location, "body") }
      let template = try Template(body.node, file: body.file, depth: 0)
      for entry in try codes.list() {
        let name = try entry.text("codes")
        guard let code = Code(rawValue: name) else {
          throw .keyUnknown(
            entry.location, Excerpt(name),
            nearest: Spelling.nearest(to: name, among: Code.allCases.map(\.rawValue)).map { Excerpt($0) })
        }
        guard cases[code] == nil else { throw .contractCaseRepeated(entry.location, code, place) }
        cases[code] = Case(status: try Self.status(fields["status"], code), body: template)
      }
    }
    self.init(mediaType: try mediaType.text("media_type"), cases: cases)
    for code in Code.allCases
    where code.entry.places.contains(place) && code.entry.status >= 400 && find(code) == nil {
      throw .contractCaseMissing(reader.location, code, place)
    }
  }

  private static func status(_ reader: YAMLReader?, _ code: Code) throws(ConfigurationRefusal) -> StatusRule {
    guard let reader else { return .fixed(code.entry.status) }
    let text = try reader.text("status")
    if text == "authorization-dependent" { return .dependsOnAuthorization }
    guard let status = Int(text) else {
      throw .valueInvalid(
        reader.location, key: "status", seen: Excerpt(text), expected: "a number, or authorization-dependent")
    }
    guard (400...599).contains(status) else { throw .contractStatusInvalid(reader.location, code, seen: status) }
    return .fixed(status)
  }
}

extension Template {
  init(_ node: Node, file: String, depth: Int) throws(ConfigurationRefusal) {
    let at = SourceLocation(file: file, line: node.mark?.line ?? 0)
    guard depth < 16 else { throw .valueInvalid(at, key: "body", seen: "nested deeply", expected: "at most 16 levels") }
    if let mapping = node.mapping {
      var fields: [Field] = []
      for (key, value) in mapping {
        guard let name = key.string else { throw .syntax(at, "a member name that is not a text") }
        if name == "{members}" {
          fields.append(.allMembers)
        } else {
          var bytes: [UInt8] = []
          JSON.write(string: name, to: &bytes)
          bytes.append(UInt8(ascii: ":"))
          fields.append(.member(name: bytes, try Template(value, file: file, depth: depth + 1)))
        }
      }
      self = .object(fields)
    } else if let sequence = node.sequence {
      var items: [Template] = []
      for item in sequence { items.append(try Template(item, file: file, depth: depth + 1)) }
      self = .array(items)
    } else if let scalar = node.scalar {
      self = try Self.scalar(node, scalar, at)
    } else {
      throw .syntax(at, "an alias; write the value out")
    }
  }

  private static func scalar(_ node: Node, _ scalar: Node.Scalar, _ at: SourceLocation) throws(ConfigurationRefusal)
    -> Template
  {
    if scalar.style == .plain || scalar.style == .any {
      if node.null != nil { return .constant(JSON.null.bytes) }
      if let bool = node.bool { return .constant(JSON.bool(bool).bytes) }
      if let integer = node.int { return .constant(JSON.integer(integer).bytes) }
    }
    var pieces: [Piece] = []
    var constant = ""
    var rest = scalar.string[...]
    func flush() {
      guard !constant.isEmpty else { return }
      var bytes: [UInt8] = []
      JSON.writeEscaped(constant, to: &bytes)
      pieces.append(.constant(bytes))
      constant = ""
    }
    while let character = rest.first {
      rest = rest.dropFirst()
      if character == "{" || character == "}", rest.first == character {
        constant.append(character)
        rest = rest.dropFirst()
      } else if character == "{" {
        guard let end = rest.firstIndex(of: "}") else {
          throw .valueInvalid(
            at, key: "body", seen: Excerpt(scalar.string), expected: "a closing brace; double a literal one")
        }
        let name = rest[..<end]
        guard let slot = Slot(name) else {
          throw .contractSlotUnknown(
            at, Excerpt(name), nearest: Spelling.nearest(to: String(name), among: Slot.allNames).map { Excerpt($0) })
        }
        flush()
        pieces.append(.slot(slot))
        rest = rest[rest.index(after: end)...]
      } else {
        constant.append(character)
      }
    }
    flush()
    if pieces.count == 1, case .slot(let slot) = pieces[0] { return .slot(slot) }
    if pieces.isEmpty { return .constant(Array("\"\"".utf8)) }
    return .text(pieces)
  }
}
