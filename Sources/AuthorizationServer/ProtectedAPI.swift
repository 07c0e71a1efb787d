public import Catalogue
public import Dialects
import OAuth
public import Vocabulary

/// A mounted API: where it lies, whom it trusts, what its routes demand, and how it says no (its contract).
///
/// A class, since every request passes some around, and copying so many members costs more than deciding does.
public final class ProtectedAPI: Sendable {
  public let id: APIID
  public let contract: Contract
  /// A host name this API answers at; `nil` for every host.
  public let host: String?
  /// The path prefix, in segments; stripped before the API, its routes and its refusals see the path.
  public let prefix: [String]
  /// The same as a path: `/notes`, or nothing.
  public let prefixPath: String
  /// First path segments below the prefix that are this API's; empty for all.
  public let under: [String]
  public let audience: Audience
  public let routes: [Route]
  /// All scopes its routes ask for.
  public let scopes: Scopes
  /// `http://host:port`, without a path.
  public let upstream: String
  public let timeout: Lifetime
  /// What people have at this API and may share thing by thing; `nil`: nothing of the kind.
  public let resources: ResourceRule?
  /// What its scopes are called on the pages, by scope; one that is not described is shown by its name.
  public let scopeWords: [String: ScopeWords]
  /// Where it is configured.
  public let origin: SourceLocation?

  public init(
    id: APIID, contract: Contract, host: String?, prefix: [String], under: [String], audience: Audience,
    routes: [Route],
    upstream: String, timeout: Lifetime, resources: ResourceRule? = nil,
    scopeWords: [String: ScopeWords] = [:], origin: SourceLocation? = nil
  ) {
    self.origin = origin
    self.id = id
    self.contract = contract
    self.host = host
    self.prefix = prefix
    prefixPath = prefix.isEmpty ? "" : "/" + prefix.joined(separator: "/")
    self.under = under
    self.audience = audience
    self.routes = routes
    scopes = routes.reduce(Scopes.none) { $0.union($1.scopes) }
    self.upstream = upstream
    self.timeout = timeout
    self.resources = resources
    self.scopeWords = scopeWords
  }

  /// Whether a request could belong to either: same host, same prefix, and no first segment that tells them apart.
  func overlaps(_ other: ProtectedAPI) -> Bool {
    host == other.host && prefix == other.prefix
      && (under.isEmpty && other.under.isEmpty || !Set(under).isDisjoint(with: other.under))
  }

  /// What follows the well-known part in the address of its metadata (RFC 9728 §3.1). Two APIs below one prefix are
  /// told apart by the first segment that is theirs.
  /// One with a host of its own is named.
  public var metadataPath: [String] { host == nil ? prefix + under.prefix(1) : [id.value] }
}

/// Where an API tells what a person has: `GET path` with `X-Auth-Subject`, answered by a list of objects with `id`,
/// `title` and `subtitle`. The path is for this server only; no route should match it.
public struct ResourceRule: Sendable {
  /// The type in `authorization_details` (RFC 9396 §2): `vehicle`.
  public let type: String
  /// What such things are called on the consent page: "Vehicles".
  public let legend: String
  public let path: String

  public init(type: String, legend: String, path: String) {
    self.type = type
    self.legend = legend
    self.path = path
  }
}

/// One route: `GET /vehicles/{vehicle_id}/odometer` and what it demands.
public struct Route: Sendable {
  public enum Segment: Equatable, Sendable {
    case literal(String)
    case variable(String)
    /// Only last: everything below.
    case rest
  }

  /// Who may come in.
  public enum Access: Equatable, Sendable {
    case token
    case everyone
    /// A client with its own secret (HTTP Basic), as some APIs want for what belongs to no user.
    case client
  }

  /// A header the API wants on this route.
  public struct RequiredHeader: Equatable, Sendable {
    public let name: String

    public init(name: String) { self.name = name }
  }

  public let methods: [String]
  public let segments: [Segment]
  public let template: String
  public let scopes: Scopes
  /// The type of the thing that a path variable names, and the variable: `("vehicle", "vehicle_id")`.
  public let resource: (type: String, variable: String)?
  public let access: Access
  public let requiredHeaders: [RequiredHeader]
  /// Path variables that must be UUIDs.
  public let uuids: Set<String>
  /// Where it is configured.
  public var origin: SourceLocation?

  public init(
    methods: [String], segments: [Segment], template: String, scopes: Scopes,
    resource: (type: String, variable: String)?,
    access: Access, requiredHeaders: [RequiredHeader], uuids: Set<String>
  ) {
    self.methods = methods
    self.segments = segments
    self.template = template
    self.scopes = scopes
    self.resource = resource
    self.access = access
    self.requiredHeaders = requiredHeaders
    self.uuids = uuids
  }

  /// The variables of a path that matches, or `nil`.
  public func match(_ path: [String]) -> [String: String]? {
    var variables: [String: String] = [:]
    for (index, segment) in segments.enumerated() {
      if segment == .rest { return variables }
      guard index < path.count else { return nil }
      switch segment {
      case .literal(let text): guard text.hasSameBytes(as: path[index]) else { return nil }
      case .variable(let name):
        guard !path[index].isEmpty else { return nil }
        variables[name] = path[index]
      case .rest: return variables
      }
    }
    return path.count == segments.count ? variables : nil
  }
}
