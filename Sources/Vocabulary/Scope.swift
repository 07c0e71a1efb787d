/// One scope token (RFC 6749 §3.3): printable ASCII without space, quote and backslash.
public struct Scope: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let name: String

  public init?(_ name: some StringProtocol) { self.init(bytes: Array(name.utf8)[...]) }

  fileprivate init?(bytes: ArraySlice<UInt8>) {
    guard !bytes.isEmpty, bytes.count <= 256, bytes.allSatisfy(Self.allows) else { return nil }
    name = String(decoding: bytes, as: UTF8.self)
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
    let given = Array(scopes)
    guard given.count > 16 else {
      // Few are compared sooner than hashed.
      list = []
      list.reserveCapacity(given.count)
      for scope in given where !list.contains(scope) { list.append(scope) }
      return
    }
    var seen: Set<Scope> = []
    list = given.filter { seen.insert($0).inserted }
  }

  /// Reads a `scope` parameter: tokens separated by single spaces (RFC 6749 §3.3). `nil` when a token is
  /// not well formed; runs of spaces are tolerated, since clients join lists with them.
  public init?(parsing text: some StringProtocol) {
    var scopes: [Scope] = []
    // By bytes: a generic loop over characters is ten times as slow, and each token that is verified has a scope.
    for part in Array(text.utf8).split(separator: 0x20) {
      guard let scope = Scope(bytes: part) else { return nil }
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
  public var description: String {
    guard var text = list.first?.name else { return "" }
    for scope in list.dropFirst() {
      text += " "
      text += scope.name
    }
    return text
  }
}
