/// The name of a request parameter, header or path variable.
public struct ParameterName: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
  private let name: Excerpt

  public init(_ name: String) { self.name = Excerpt(name) }
  public init(stringLiteral value: String) { self.init(value) }

  public var description: String { name.description }
}

/// Where a parameter was looked for.
public enum ParameterPlace: String, Sendable {
  case body, query, path, header
}
