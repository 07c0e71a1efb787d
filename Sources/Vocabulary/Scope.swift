/// One scope token (RFC 6749 §3.3): printable ASCII without space, quote and backslash.
public struct Scope: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let name: String

  public init?(_ name: some StringProtocol) {
    guard !name.isEmpty, name.utf8.count <= 256, name.utf8.allSatisfy(Self.allows) else { return nil }
    self.name = String(name)
  }

  private static func allows(_ byte: UInt8) -> Bool {
    byte == 0x21 || (0x23...0x5B).contains(byte) || (0x5D...0x7E).contains(byte)
  }

  public var description: String { name }

  public static func < (a: Scope, b: Scope) -> Bool { a.name < b.name }
}

/// A set of scope tokens that keeps the order in which they were written.
public struct Scopes: Hashable, Sendable, CustomStringConvertible {
  public private(set) var list: [Scope]

  public static let none = Scopes([])

  public init(_ scopes: some Sequence<Scope>) {
    var seen: Set<Scope> = []
    list = scopes.filter { seen.insert($0).inserted }
  }

  /// Reads a `scope` parameter: tokens separated by single spaces (RFC 6749 §3.3). `nil` when a token is
  /// not well formed; runs of spaces are tolerated, since clients join lists with them.
  public init?(parsing text: some StringProtocol) {
    var scopes: [Scope] = []
    for part in text.split(separator: " ") {
      guard let scope = Scope(part) else { return nil }
      scopes.append(scope)
    }
    self.init(scopes)
  }

  public var isEmpty: Bool { list.isEmpty }
  public func contains(_ scope: Scope) -> Bool { list.contains(scope) }
  public func isSubset(of other: Scopes) -> Bool { list.allSatisfy(other.contains) }
  public func subtracting(_ other: Scopes) -> Scopes { Scopes(list.filter { !other.contains($0) }) }
  public func intersection(_ other: Scopes) -> Scopes { Scopes(list.filter(other.contains)) }
  public func union(_ other: Scopes) -> Scopes { Scopes(list + other.list) }

  /// The form of the wire: tokens joined by a space.
  public var description: String { list.map(\.name).joined(separator: " ") }
}
