import Catalogue
import Dialects
import OAuth
import Vocabulary

/// Where a refusal is asked for on purpose, and what a real one would know there.
public struct ProvocationFacts: Sendable {
  public enum Spot: Sendable {
    case api, token, introspection, revocation, authorization
  }

  let spot: Spot
  let contract: Contract
  let now: Instant
  let client: ClientID
  var api: ProtectedAPI?
  var route: Route?
  var target = RequestTarget.root
  /// The methods that the configured routes of this path take.
  var methods: [String] = []
  var method = "GET"
  var token: AccessTokenFacts?
  /// What is asked for where no route says so.
  var scopes: Scopes?
  var endpoint: TokenEndpointRule?
  var form = Form([])
  var proven: ProvenRequest?

  init(_ spot: Spot, _ contract: Contract, client: ClientID, now: Instant = Clock.now) {
    self.spot = spot
    self.contract = contract
    self.client = client
    self.now = now
  }

  /// A moment that has just passed, where a real refusal would name one.
  var past: Instant { now - Lifetime(clamping: 60) }
  var grant: GrantID { token?.grant ?? GrantID("provoked") }
  var family: FamilyID { token?.family ?? FamilyID("provoked") }

  func echo(_ parameter: String) -> Echo { Echo(form[parameter] ?? "") }

  /// Whether a code can be given at this spot at all.
  func admits(_ code: Code) -> Bool {
    let places = code.entry.places
    switch spot {
    case .api: return places.contains(.api)
    case .authorization: return places.contains(.authorization) || places.contains(.page)
    case .token: return places.contains(.token) && code.entry.status >= 400
    case .introspection: return code == .introspectionInactive || Self.clientRequest(code)
    case .revocation: return code == .revocationIgnored || Self.clientRequest(code)
    }
  }

  /// What an operation has already, its path and its method, can be provoked there all the same.
  private static func clientRequest(_ code: Code) -> Bool {
    OperationCodes.inspection.contains(code) || code == .methodNotAllowed || code == .notFound
  }

  /// In words, for whoever asked for something that does not occur here.
  var place: String {
    switch spot {
    case .api: "in front of an API"
    case .token: "at a token endpoint"
    case .introspection: "at the introspection endpoint"
    case .revocation: "at the revocation endpoint"
    case .authorization: "at an authorization endpoint"
    }
  }
}

extension Refusal {
  /// The refusal of a reason, made of the facts at hand; `nil` where that reason cannot come about at this spot.
  static func provoked(_ reason: Reason, _ facts: ProvocationFacts) -> Refusal? {
    guard facts.admits(reason.code) else { return nil }
    let name = reason.name
    if let name = BearerRefusal.Name(rawValue: name) { return .bearer(.provoked(name, facts)) }
    if let name = PolicyRefusal.Name(rawValue: name) { return PolicyRefusal.provoked(name, facts).map { .policy($0) } }
    if let name = ClientRefusal.Name(rawValue: name) { return .client(.provoked(name, facts)) }
    if let name = GrantRefusal.Name(rawValue: name) { return .grant(.provoked(name, facts)) }
    if let name = RefreshTokenRefusal.Name(rawValue: name) { return .refreshToken(.provoked(name, facts)) }
    if let name = ScopeRefusal.Name(rawValue: name) { return .scope(.provoked(name, facts)) }
    if let name = AuthorizationRefusal.Name(rawValue: name) { return .authorization(.provoked(name, facts)) }
    if let name = SignInRefusal.Name(rawValue: name) { return .signIn(.provoked(name, facts)) }
    if let name = RequestRefusal.Name(rawValue: name) {
      return RequestRefusal.provoked(name, facts).map { .request($0) }
    }
    if let name = ServiceRefusal.Name(rawValue: name) { return .service(.provoked(name)) }
    if let name = SilentRefusal.Name(rawValue: name) { return SilentRefusal.provoked(name, facts).map { .silent($0) } }
    if let name = UpstreamRefusal.Name(rawValue: name) { return .upstream(.provoked(name, facts)) }
    if RouteRefusal.Name(rawValue: name) != nil {
      return .route(.unknown(path: Excerpt(facts.target.path), nearest: nil))
    }
    if let name = DocumentationRefusal.Name(rawValue: name) { return .documentation(.provoked(name)) }
    // Configuration is refused when it loads.
    return nil
  }

  /// What the front door says before it knows which API is meant; worded by the issuer's contract.
  var isBeforeMounting: Bool {
    switch self {
    case .request(let refusal):
      switch refusal.name {
      case .messageMalformed, .targetAmbiguous, .headersTooLarge: true
      case .bodyTooLarge, .bodyUnreadable, .methodNotAllowed, .mediaTypeUnsupported, .representationNotAcceptable,
        .apiVersionUnsupported, .parameterMissing, .parameterInvalid, .tokenParameterMissing, .tokenParameterRepeated,
        .tokenParameterInvalid, .tokenParametersTooMany, .credentialsInQuery, .provocationUnusable:
        false
      }
    case .client, .grant, .scope, .refreshToken, .bearer, .policy, .route, .upstream, .service, .configuration,
      .silent, .documentation, .authorization, .signIn:
      false
    }
  }
}
