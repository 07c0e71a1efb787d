/// How many requests were answered, by the part of the server they were for, and how long that took.
public final class RequestCounts: Sendable {
  public enum Place: String, CaseIterable, Sendable {
    case api, token, authorization, page, documentation, operation, other

    /// Of one of the issuer's own paths.
    public init(_ path: [String]) {
      switch path.first ?? "" {
      case "oauth": self = .token
      case "verify": self = .api
      case "login", "consent", "account", "assets": self = .page
      case "", "errors", "help", ".well-known", "llms.txt": self = .documentation
      case "health", "metrics": self = .operation
      default: self = .other
      }
    }
  }

  private let durations = Place.allCases.map { ($0, Durations()) }

  public init() {}

  /// One was answered: of a body that is streamed, its head.
  public func count(_ place: Place, since arrival: Stopwatch) {
    for (each, durations) in durations where each == place { return durations.add(arrival) }
  }

  var all: [(place: Place, durations: Durations.State)] { durations.map { ($0, $1.current) } }
}
