/// Operations that meet, and the world they meet in.
struct Scenario: Sendable {
  struct Place: Sendable {
    let operation: Operation
    let node: Int
  }

  let name: String
  let operations: [Place]
  /// How long ago the family was rotated, in seconds; the grace is 30.
  var rotatedAgo: Int64 = 3600
  var hasConsent = true
  /// Whether the client was disabled a moment ago, of which no node has heard.
  var isClientDisabled = false

  var nodes: Int { (operations.map(\.node).max() ?? 0) + 1 }

  /// Each on a node of its own.
  init(_ operations: [Operation], rotatedAgo: Int64 = 3600, hasConsent: Bool = true) {
    self.init(
      operations.enumerated().map { Place(operation: $1, node: $0) }, rotatedAgo: rotatedAgo, hasConsent: hasConsent)
  }

  init(_ operations: [Place], rotatedAgo: Int64 = 3600, hasConsent: Bool = true, isClientDisabled: Bool = false) {
    self.isClientDisabled = isClientDisabled
    self.operations = operations
    self.rotatedAgo = rotatedAgo
    self.hasConsent = hasConsent
    let shared = Set(operations.map(\.node)).count < operations.count
    name =
      operations.map { $0.operation.name + (shared ? " at \($0.node)" : "") }.joined(separator: " | ")
      + (rotatedAgo < 30 ? ", inside the grace" : "") + (hasConsent ? "" : ", asked for the first time")
  }
}
