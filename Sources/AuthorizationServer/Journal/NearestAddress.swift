import Dialects
import Vocabulary

/// The configured route that a path was probably meant for.
enum NearestRoute {
  static func of(_ target: RequestTarget, _ routes: [Route]) -> [String] {
    for route in routes {
      if route.match(target.segments.map { $0.lowercased() }) != nil {
        return ["route \(route.template) differs in capitals"]
      }
      if route.match(target.segments.filter { !$0.isEmpty }) != nil {
        return ["route \(route.template) differs by a slash"]
      }
      if target.segments.count > 1, route.match(Array(target.segments.dropFirst())) != nil {
        return ["route \(route.template) lies one segment higher: `\(Excerpt(target.segments[0]))` is too much"]
      }
      if let (seen, meant) = misspelled(target.segments, route) {
        return ["`\(Excerpt(seen))` resembles `\(meant)` of route \(route.template)"]
      }
    }
    let near = Spelling.nearest(to: target.path, among: routes.map(\.template))
    return near.map { ["route \($0) resembles it"] } ?? []
  }

  /// The one literal segment in which a path of the same length differs.
  private static func misspelled(_ path: [String], _ route: Route) -> (seen: String, meant: String)? {
    guard path.count == route.segments.count else { return nil }
    var found: (String, String)?
    for (seen, segment) in zip(path, route.segments) {
      guard case .literal(let meant) = segment, meant != seen else { continue }
      guard found == nil, Spelling.nearest(to: seen, among: [meant]) != nil else { return nil }
      found = (seen, meant)
    }
    return found
  }
}

/// What of this server's own, or which API, an unknown address was probably meant for.
struct NearestAddress {
  private let issuer: Issuer

  init(_ issuer: Issuer) { self.issuer = issuer }

  private static let own = [
    "/oauth/authorize", "/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/userinfo", "/oauth/jwks",
    "/oauth/logout", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-protected-resource", "/login", "/account", "/errors", "/help", "/health/live", "/health/ready",
    "/metrics", "/verify", "/developer", "/admin/explain",
  ]

  func of(_ target: RequestTarget) -> [String] {
    if let near = Spelling.nearest(to: target.path, among: Self.own) { return ["\(near) resembles it"] }
    let prefixes = issuer.apis.filter { $0.host == nil }.map(\.prefixPath)
    guard let first = target.segments.first, let near = Spelling.nearest(to: "/" + first, among: prefixes) else {
      return []
    }
    return ["an API lies below \(near), which `/\(Excerpt(first))` resembles"]
  }
}
