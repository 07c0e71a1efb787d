/// Every way of saying no: the closed sum of the areas. (Junction: two lines for each area, nothing else.)
public enum Refusal: Error, Equatable, Sendable {
  case request(RequestRefusal)
  case client(ClientRefusal)
  case grant(GrantRefusal)
  case scope(ScopeRefusal)
  case refreshToken(RefreshTokenRefusal)
  case bearer(BearerRefusal)
  case policy(PolicyRefusal)
  case route(RouteRefusal)
  case upstream(UpstreamRefusal)
  case service(ServiceRefusal)
  case configuration(ConfigurationRefusal)
  case silent(SilentRefusal)
  case documentation(DocumentationRefusal)
  case authorization(AuthorizationRefusal)
  case signIn(SignInRefusal)

  public var area: any RefusalArea {
    switch self {
    case .request(let refusal): refusal
    case .client(let refusal): refusal
    case .grant(let refusal): refusal
    case .scope(let refusal): refusal
    case .refreshToken(let refusal): refusal
    case .bearer(let refusal): refusal
    case .policy(let refusal): refusal
    case .route(let refusal): refusal
    case .upstream(let refusal): refusal
    case .service(let refusal): refusal
    case .configuration(let refusal): refusal
    case .silent(let refusal): refusal
    case .documentation(let refusal): refusal
    case .authorization(let refusal): refusal
    case .signIn(let refusal): refusal
    }
  }

  static let areas: [any RefusalArea.Type] = [
    RequestRefusal.self, ClientRefusal.self, GrantRefusal.self, ScopeRefusal.self, RefreshTokenRefusal.self,
    BearerRefusal.self, PolicyRefusal.self, RouteRefusal.self, UpstreamRefusal.self, ServiceRefusal.self,
    ConfigurationRefusal.self, SilentRefusal.self, DocumentationRefusal.self, AuthorizationRefusal.self,
    SignInRefusal.self,
  ]

  public var code: Code { reason.code }
  public var reason: Reason { Self.reason(of: area) }
  public var explanation: Explanation { area.explanation }

  private static func reason(of area: some RefusalArea) -> Reason { Reason(area.name) }
}

extension Reason {
  /// Every reason there is, area by area.
  public static let all: [Reason] = Refusal.areas.flatMap { names(of: $0) }

  private static func names<Area: RefusalArea>(of area: Area.Type) -> [Reason] {
    Area.Name.allCases.map { Reason($0) }
  }

  /// Reads `refresh_token_reused` and `refresh-token-reused`, in any case.
  public init?(spelled text: some StringProtocol) {
    let name = String(text.lowercased().map { $0 == "-" ? "_" : $0 })
    guard let reason = Reason.all.first(where: { $0.name == name }) else { return nil }
    self = reason
  }
}
