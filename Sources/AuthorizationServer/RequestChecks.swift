public import Catalogue
import Dialects
import HTTPTypes
public import OAuth
import Vocabulary

/// The checks of a request that are not about its token: version, representation, route, parameters, policy.
extension ProtectedAPI {
  public func checkVersion(
    _ target: RequestTarget, _ request: IncomingRequest, _ trail: inout Trail
  ) throws(Refusal) {
    guard let rule = contract.routing.version else { return }
    try trail.check(.versionSupported) { () throws(Refusal) in
      let supported = rule.headerVersions.map { Excerpt($0) }
      if let name = HTTPField.Name(rule.headerName), let asked = request.headers[name],
        !rule.headerVersions.contains(asked)
      {
        throw .request(.apiVersionUnsupported(requested: Excerpt(asked), supported: supported))
      }
      if let asked = rule.pathVersion(in: target.path), !rule.pathVersions.contains(asked) {
        throw .request(.apiVersionUnsupported(requested: Excerpt(asked + ".0"), supported: supported))
      }
    }
  }

  /// RFC 9110 §12.5.1, only where the contract promises a 406: what is accepted is compared by type and wildcard.
  public func checkRepresentation(
    _ request: IncomingRequest, _ trail: inout Trail
  ) throws(Refusal) {
    let produced = contract.routing.produces
    guard !produced.isEmpty, let accept = request.headers[.accept], !accept.isEmpty else { return }
    try trail.check(.representationAcceptable) { () throws(Refusal) in
      for range in accept.split(separator: ",") {
        let parts = range.split(separator: ";").map { $0.lowercased().filter { $0 != " " } }
        guard let type = parts.first, !parts.dropFirst().contains("q=0") else { continue }
        if type == "*/*" { return }
        for offered in produced {
          let family = offered.prefix { $0 != "/" } + "/*"
          if type == offered || type == family || type == "application/problem+json" { return }
        }
      }
      throw .request(
        .representationNotAcceptable(seen: Excerpt(accept), supported: produced.map { Excerpt($0) }))
    }
  }

  public func checkRoute(
    _ candidates: [(Route, [String: String])], _ matched: (Route, [String: String])?, _ target: RequestTarget,
    _ request: IncomingRequest, _ trail: inout Trail
  ) throws(Refusal) {
    try trail.check(.routeKnown) { () throws(Refusal) in
      if candidates.isEmpty { throw .route(.unknown(path: Excerpt(target.path), nearest: nil)) }
    }
    try trail.check(.methodAllowed) { () throws(Refusal) in
      guard matched == nil else { return }
      let allowed = Set(candidates.flatMap { $0.0.methods }).sorted()
      throw .request(.methodNotAllowed(seen: Excerpt(request.method), allowed: allowed.map { Excerpt($0) }))
    }
  }

  public static func checkParameters(
    _ route: Route, _ variables: [String: String], _ request: IncomingRequest, _ trail: inout Trail
  ) throws(Refusal) {
    try trail.check(.parametersValid) { () throws(Refusal) in
      for (name, value) in variables where route.uuids.contains(name) && TraceID(value) == nil {
        throw .request(.parameterInvalid(ParameterName(name), in: .path, expected: "a UUID"))
      }
      for header in route.requiredHeaders {
        guard let name = HTTPField.Name(header.name) else { continue }
        guard let value = request.headers[name], !value.isEmpty else {
          throw .request(.parameterMissing(ParameterName(header.name), in: .header))
        }
      }
    }
  }

  public static func checkPolicy(
    _ route: Route, _ variables: [String: String], _ token: AccessTokenFacts, _ trail: inout Trail
  ) throws(Refusal) {
    let resource = try route.resource.map { resource throws(Refusal) in
      guard let identifier = variables[resource.variable] else {
        throw .service(.fault("a route's resource is not in its path"))
      }
      return AuthorizationDetail(type: resource.type, identifier: identifier)
    }
    let denial = Requirement(scopes: route.scopes, resource: resource).permits(token)
    try trail.check(.scopeSufficient) { () throws(Refusal) in
      if denial == .scope { throw .policy(.scopeMissing(needed: route.scopes, held: token.scopes)) }
    }
    try trail.check(.resourceGranted) { () throws(Refusal) in
      guard let resource else { return }
      switch denial {
      case .resource(let granted):
        throw .policy(
          .resourceNotGranted(
            type: Excerpt(resource.type), identifier: Excerpt(resource.identifier), granted: granted))
      case .privilege(let held):
        throw .policy(
          .privilegeMissing(
            needed: route.scopes, held: held, type: Excerpt(resource.type), identifier: Excerpt(resource.identifier)))
      case .scope, nil: return
      }
    }
  }
}
