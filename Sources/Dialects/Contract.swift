import Catalogue
public import Vocabulary

/// Everything an API has promised about access: where the credential is presented, its dialect, its token
/// endpoints, lifetimes and rotation rule, where its error pages live. Data, not Swift: see `Contracts/*.yaml`.
public struct Contract: Sendable {
  public let name: String
  public let title: String
  public let credential: CredentialRule
  public let accessToken: AccessTokenRule
  /// `nil`: none is issued.
  public let refreshToken: RefreshTokenRule?
  /// `nil`: people are not asked anything for this API.
  public let authorization: AuthorizationRule?
  /// Below the API's mount; of the `oauth` contract below the issuer.
  public let tokenEndpoints: [TokenEndpointRule]
  public let routing: RoutingRule
  public let answers: AnswerRule
  public let documentation: DocumentationRule
  let api: Wording
  let token: Wording
  /// Of what is sent back to the application; `nil` without an authorization endpoint.
  let redirect: Wording?
}

/// Where the access token is presented (RFC 6750 §2).
public struct CredentialRule: Sendable {
  public let schemes: [String]
  /// The scheme is compared with case, and exactly one space follows.
  public let exactScheme: Bool
  /// The header's value may be the token itself, without a scheme.
  public let bareToken: Bool
  public let queryParameter: String?
  public let emptyHeaderIsAbsent: Bool

  /// The places, in words.
  public var acceptedLocations: [String] {
    schemes.map { "Authorization: \($0)" } + (bareToken ? ["Authorization: (the token)"] : [])
      + (queryParameter.map { ["?\($0)="] } ?? [])
  }
}

public enum TokenForm: String, CaseIterable, Sendable {
  case jwt, opaque, uuid
}

public struct AccessTokenRule: Sendable {
  public let form: TokenForm
  /// `ES256`, `RS256` or `EdDSA`; of use to JWTs only.
  public let algorithm: String
  public let lifetime: Lifetime

  public init(form: TokenForm, algorithm: String, lifetime: Lifetime) {
    self.form = form
    self.algorithm = algorithm
    self.lifetime = lifetime
  }
}

/// RFC 9700 §4.14: single use, with a grace for answers that were lost.
public struct RefreshTokenRule: Sendable {
  public let form: TokenForm
  public let lifetime: Lifetime
  public let grace: Lifetime
  /// What does not have the form is told apart from what is unknown.
  public let exactForm: Bool
  public let prefixed: Bool
}

public struct TokenEndpointRule: Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    case token, refresh
  }

  public enum BodyForm: String, CaseIterable, Sendable {
    case form, json
  }

  public let path: String
  public let kind: Kind
  public let bodies: [BodyForm]
  public let grants: [GrantType]
  public let issuesRefreshToken: Bool
  public let tellsScope: Bool
  /// A refresh token may speak for its client.
  public let optionalClient: Bool
}

public struct RoutingRule: Sendable {
  public let trailingSlashIgnored: Bool
  public let authenticateBeforeRouting: Bool
  public let version: VersionRule?
  /// Media types it can produce; empty: `Accept` is not looked at.
  public let produces: [String]
}

/// An API that refuses versions it does not have, by path and by header.
public struct VersionRule: Sendable {
  public let pathPrefix: String
  public let pathVersions: [String]
  public let headerName: String
  public let headerVersions: [String]

  /// The digits after the prefix: `/api/v3/elements` → `3`.
  public func pathVersion(in path: String) -> String? {
    guard path.hasPrefix(pathPrefix) else { return nil }
    let digits = path.dropFirst(pathPrefix.count).prefix { $0 != "/" }
    return digits.isEmpty || !digits.allSatisfy(\.isNumber) ? nil : String(digits)
  }
}

public enum TraceForm: String, CaseIterable, Sendable {
  case hexadecimal, uuid
}

public struct AnswerRule: Sendable {
  /// A header beside `Trace-Id` in which this API's callers look for the id.
  public let traceHeader: String?
  public let traceHeaderForm: TraceForm
}

/// The pages and topics this API's callers know, by path below its mount.
public struct DocumentationRule: Sendable {
  public struct Document: Sendable {
    public let path: String
    public let markdown: String

    /// The first heading.
    public var title: String {
      String(markdown.split(separator: "\n").first { $0.hasPrefix("# ") }?.dropFirst(2).prefix { $0 != "{" } ?? "Error")
    }
  }

  public let pages: [Document]
  public let topics: [Document]
}

/// What the renderer must know of one request.
public struct RenderingContext: Sendable {
  public let trace: TraceID
  /// Below the mount, without a query.
  public let path: String
  public let realm: String
  public let issuer: String
  public let resourceMetadata: String?

  public init(trace: TraceID, path: String, realm: String, issuer: String, resourceMetadata: String?) {
    self.trace = trace
    self.path = path
    self.realm = realm
    self.issuer = issuer
    self.resourceMetadata = resourceMetadata
  }
}

/// A refusal as it goes out.
public struct WireRefusal: Equatable, Sendable {
  public struct Header: Equatable, Sendable {
    public let name: String
    public let value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  public let status: Int
  public let headers: [Header]
  public let body: [UInt8]

  public init(status: Int, headers: [Header], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}
