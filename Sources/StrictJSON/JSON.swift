/// A JSON value that keeps the order of its members and the text of its numbers (RFC 8259).
///
/// Why our own: claims are read on the event loop (Foundation's decoder costs ten times as much), a
/// dialect promises the order of members, and `1e400` or `0.30000000000000004` must survive untouched.
public indirect enum JSON: Equatable, Sendable {
  case null
  case bool(Bool)
  /// The number as it was written; see `integer` and `double`.
  case number(String)
  case string(String)
  case array([JSON])
  case object([Member])

  /// One name and its value.
  public struct Member: Equatable, Sendable {
    public let name: String
    public var value: JSON

    public init(_ name: String, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }

  /// The first member of that name, if this is an object that has one.
  public subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    let count = name.utf8.count
    return members.first { $0.name.utf8.count == count && $0.name.utf8.elementsEqual(name.utf8) }?.value
  }

  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The number as an integer; `nil` for fractions, exponents that do not fit, and other types.
  public var integer: Int64? {
    guard case .number(let text) = self else { return nil }
    if let exact = Int64(text) { return exact }
    guard let double = Double(text), abs(double) < 9e15 else { return nil }
    // Without rounding, which needs the C mathematics library: a client that links the catalogue alone has none.
    let integer = Int64(double)
    return Double(integer) == double ? integer : nil
  }

  public var double: Double? {
    guard case .number(let text) = self, let value = Double(text), value.isFinite else { return nil }
    return value
  }

  public var array: [JSON]? {
    if case .array(let values) = self { values } else { nil }
  }

  public var members: [Member]? {
    if case .object(let members) = self { members } else { nil }
  }

  /// What the value is, in the words of RFC 8259 §3.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .number: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .number(String(value)) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }

  public static func integer(_ value: some BinaryInteger) -> JSON { .number(String(value)) }
}
