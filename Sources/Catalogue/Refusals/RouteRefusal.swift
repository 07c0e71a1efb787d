public import Vocabulary

/// Refusals of an address. RFC 9110 §15.5.5.
public enum RouteRefusal: RefusalArea {
  case unknown(path: Excerpt, nearest: Excerpt?)

  public enum Name: String, ReasonName {
    case unknown = "route_unknown"

    public var code: Code {
      switch self {
      case .unknown: .notFound
      }
    }
  }

  public var name: Name {
    switch self {
    case .unknown: .unknown
    }
  }

  public var explanation: Explanation {
    switch self {
    case .unknown(let path, let nearest):
      Explanation(
        "Nothing is served at \(path).", expected: nearest.map { "perhaps \($0)" } ?? "a configured route",
        actual: "\(path)")
    }
  }
}
