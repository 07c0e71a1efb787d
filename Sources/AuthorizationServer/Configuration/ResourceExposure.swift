import Catalogue
import Vocabulary

extension ResourceRule {
  /// Refuses a route that lets callers without a token read what people have: `path` is for this server only.
  func check(against routes: [Route]) throws(ConfigurationRefusal) {
    let segments = path.prefix { $0 != "?" }.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
      .map(String.init)
    for method in ["GET", "HEAD"] {
      // The first route that matches counts.
      guard let route = routes.first(where: { $0.methods.contains(method) && $0.match(segments) != nil }),
        route.access != .token
      else { continue }
      throw .routeConflict(
        route.origin ?? SourceLocation(file: "", line: 0),
        Excerpt("\(method) \(route.template) opens the resources' path \(path)"))
    }
  }
}
