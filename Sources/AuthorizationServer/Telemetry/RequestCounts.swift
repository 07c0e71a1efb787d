public import Synchronization

/// How many requests came, by the part of the server they were for: six numbers, and an addition for each request.
public final class RequestCounts: Sendable {
  public let api = Atomic<Int>(0)
  public let token = Atomic<Int>(0)
  public let authorization = Atomic<Int>(0)
  private let page = Atomic<Int>(0)
  private let documentation = Atomic<Int>(0)
  private let operation = Atomic<Int>(0)
  private let other = Atomic<Int>(0)

  public init() {}

  /// One of the issuer's own, by its path.
  public func count(_ path: [String]) {
    switch path.first ?? "" {
    case "oauth": token.add(1, ordering: .relaxed)
    case "verify": api.add(1, ordering: .relaxed)
    case "login", "consent", "account", "assets": page.add(1, ordering: .relaxed)
    case "", "errors", "help", ".well-known", "llms.txt": documentation.add(1, ordering: .relaxed)
    case "health", "metrics": operation.add(1, ordering: .relaxed)
    default: other.add(1, ordering: .relaxed)
    }
  }

  var all: [(place: String, count: Int)] {
    [
      ("api", api.load(ordering: .relaxed)), ("token", token.load(ordering: .relaxed)),
      ("authorization", authorization.load(ordering: .relaxed)), ("page", page.load(ordering: .relaxed)),
      ("documentation", documentation.load(ordering: .relaxed)), ("operation", operation.load(ordering: .relaxed)),
      ("other", other.load(ordering: .relaxed)),
    ]
  }
}
