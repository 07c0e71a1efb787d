public import Catalogue
public import Dialects
public import StrictJSON
public import Vocabulary

/// What arrived at a token endpoint, decoded but not judged (RFC 6749 §3.2).
public struct TokenRequest: Sendable {
  public let endpoint: TokenEndpointRule
  public let contract: Contract
  public let form: Form
  public let credentials: Result<ClientCredentials, Refusal>
  /// Written into what the request makes, so that a grant's history can be told.
  public let trace: TraceID?

  public init(
    endpoint: TokenEndpointRule, contract: Contract, form: Form, authorization: [String], trace: TraceID? = nil
  ) {
    self.trace = trace
    self.endpoint = endpoint
    self.contract = contract
    self.form = form
    do throws(Refusal) {
      credentials = .success(try ClientCredentials(authorization: authorization, form: form))
    } catch {
      credentials = .failure(error)
    }
  }

  /// The client named, whether or not it will prove itself.
  public var claimedClient: ClientID? { try? credentials.get().client }

  /// The refresh token to look up, if this is a refresh.
  public var refreshToken: Secret? {
    let isRefresh = endpoint.kind == .refresh || form["grant_type"] == GrantType.refreshToken.rawValue
    return isRefresh ? form["refresh_token"].map(Secret.init) : nil
  }

  /// The code to look up, if this is an exchange.
  public var authorizationCode: Secret? {
    form["grant_type"] == GrantType.authorizationCode.rawValue ? form["code"].map(Secret.init) : nil
  }
}

/// What must be known to decide one.
public struct TokenFacts: Sendable {
  /// An API as tokens know it: its audience, and the scopes its routes ask for.
  public struct API: Sendable {
    public let audience: Audience
    public let scopes: Scopes

    public init(audience: Audience, scopes: Scopes) {
      self.audience = audience
      self.scopes = scopes
    }
  }

  public let client: Client?
  public let refresh: RefreshTokenRecord?
  public let family: Versioned<TokenFamily>?
  /// The client of `family`, when the request itself names none (`TokenEndpointRule.optionalClient`).
  public let familyClient: Client?
  public let code: Versioned<AuthorizationCodeRecord>?
  public let grantClosedAt: Instant?
  /// When the session of `code` was ended by sign-out or by another sign-in.
  public let sessionEndedAt: Instant?
  /// What clients call people.
  public let subjects: SubjectNaming
  public let apis: [API]
  /// Set where the endpoint belongs to one API: its tokens are for that API.
  public let fixedAudience: Audience?
  public let issuer: Audience

  public init(
    client: Client?, refresh: RefreshTokenRecord? = nil, family: Versioned<TokenFamily>? = nil,
    familyClient: Client? = nil,
    code: Versioned<AuthorizationCodeRecord>? = nil, grantClosedAt: Instant? = nil, sessionEndedAt: Instant? = nil,
    subjects: SubjectNaming, apis: [API], fixedAudience: Audience?, issuer: Audience
  ) {
    self.sessionEndedAt = sessionEndedAt
    self.subjects = subjects
    self.client = client
    self.refresh = refresh
    self.family = family
    self.familyClient = familyClient
    self.code = code
    self.grantClosedAt = grantClosedAt
    self.apis = apis
    self.fixedAudience = fixedAudience
    self.issuer = issuer
  }
}

/// What is to be handed out (RFC 6749 §5.1). The shell signs the access token when it is a JWT.
public struct Issuance: Sendable {
  public let facts: AccessTokenFacts
  public let lifetime: Lifetime
  /// `nil`: to be signed as a JWT with `algorithm`.
  public let accessToken: Secret?
  public let algorithm: String
  public let refreshToken: Secret?
  public let tellsScope: Bool
  /// Set when an ID token is due (OpenID Connect Core §3.1.3.3).
  public let identity: Identity?
}

/// What an ID token says beyond the access token's facts (OpenID Connect Core §2).
public struct Identity: Equatable, Sendable {
  public let nonce: Nonce?
  public let authenticatedAt: Instant
  /// `sid` (OpenID Connect Back-Channel Logout §2.1); `nil` for a session that cannot end.
  public let session: SessionName?
  /// Asked for by name and allowed (OpenID Connect Core §5.5).
  public let claims: [JSON.Member]

  public init(nonce: Nonce?, authenticatedAt: Instant, session: SessionName?, claims: [JSON.Member]) {
    self.session = session
    self.claims = claims
    self.nonce = nonce
    self.authenticatedAt = authenticatedAt
  }
}
