import Catalogue
import Dialects
import OAuth
import Vocabulary

/// Which codes an operation can give, told from what it demands.
enum OperationCodes {
  /// At a route of an API: in front of it, and behind the gate.
  static func codes(_ api: ProtectedAPI, _ route: Route) -> [Code] {
    Code.allCases.filter { api.contract.form(of: $0, at: .api) != nil && canGive($0, api.contract, route) }
  }

  /// Exhaustive on purpose: whoever adds a code says where it can come from.
  private static func canGive(_ code: Code, _ contract: Contract, _ route: Route) -> Bool {
    switch code {
    case .credentialsMissing, .credentialsMalformed, .accessTokenMalformed, .accessTokenInvalid, .accessTokenExpired,
      .accessTokenNotYetValid, .accessTokenAudienceMismatch, .accessTokenRevoked:
      route.access == .token
    case .scopeInsufficient: route.access == .token && route.scopes != .none
    case .forbidden: route.access == .token
    case .clientAuthenticationFailed, .clientAuthenticationMissing, .clientAuthenticationAmbiguous,
      .clientAuthenticationMethodNotAllowed:
      route.access == .client
    case .requestParameterInvalid: !route.uuids.isEmpty || !route.requiredHeaders.isEmpty
    case .apiVersionUnsupported: contract.routing.version != nil
    case .notAcceptable: !contract.routing.produces.isEmpty
    case .storageUnavailable, .keysUnavailable: route.access != .everyone
    case .requestMalformed, .requestTooLarge, .headersTooLarge, .upstreamUnavailable, .upstreamTimeout,
      .internalFault:
      true
    // An operation has its path and its method already.
    case .notFound, .methodNotAllowed, .mediaTypeUnsupported: false
    case .tokenRequestMalformed, .grantTypeUnsupported, .grantTypeNotAllowed, .codeMalformed, .codeRejected,
      .codeRedirectURIMismatch, .pkceVerifierMissing, .pkceVerificationFailed, .refreshTokenMalformed,
      .refreshTokenRejected, .scopeInvalid, .resourceIndicatorInvalid, .authorizationClientUnknown,
      .authorizationRedirectURIMismatch, .authorizationRequestInvalid, .responseTypeUnsupported,
      .authorizationClientNotAllowed, .pkceRequired, .requestObjectUnsupported, .requestURIUnsupported,
      .loginRequired, .consentRequired, .consentDenied, .consentAbandoned, .resourceIncompatible,
      .subscriptionInactive, .applicationMisconfigured, .authenticationRequirementsUnmet, .loginFailed, .loginThrottled,
      .formRejected, .resourceAbsent, .provocationIgnored,
      .interactionExpired, .logoutRequestInvalid, .introspectionInactive, .revocationIgnored, .configurationInvalid,
      .helpTopicNotFound, .helpTopicMalformed, .traceNotFound:
      false
    }
  }

  /// At a token endpoint: what belongs to a grant needs that grant.
  static func codes(_ contract: Contract, _ rule: TokenEndpointRule) -> [Code] {
    let refreshes = rule.kind == .refresh || rule.grants.contains(.refreshToken)
    return Code.allCases.filter { code in
      guard contract.form(of: code, at: .token) != nil, code != .methodNotAllowed, code != .notFound else {
        return false
      }
      return switch code {
      case .codeMalformed, .codeRejected, .codeRedirectURIMismatch, .pkceVerifierMissing, .pkceVerificationFailed:
        rule.grants.contains(.authorizationCode)
      case .refreshTokenMalformed, .refreshTokenRejected: refreshes
      case .grantTypeUnsupported, .grantTypeNotAllowed: rule.kind == .token
      case _: true
      }
    }
  }

  /// Sent back from an authorization endpoint.
  static func sentBack(_ contract: Contract) -> [Code] {
    Code.allCases.filter { contract.form(of: $0, at: .authorization) != nil }
  }

  /// Shown by an authorization endpoint: there is no address yet that may be trusted, or no way to read the request.
  static let shown = Code.allCases.filter { code in
    // A form may be posted there, in a form that is none.
    guard code.entry.places.contains(.page) || code == .mediaTypeUnsupported else { return false }
    return switch code {
    // An operation has its path and its method already; the others are of forms further on.
    case .notFound, .methodNotAllowed, .loginFailed, .loginThrottled, .formRejected, .logoutRequestInvalid: false
    case _: true
    }
  }

  /// At introspection and revocation: a form, a client, a parameter, and our own faults.
  static let inspection: [Code] = [
    .clientAuthenticationFailed, .clientAuthenticationMissing, .clientAuthenticationAmbiguous,
    .clientAuthenticationMethodNotAllowed, .tokenRequestMalformed, .requestMalformed, .requestTooLarge,
    .headersTooLarge, .mediaTypeUnsupported, .storageUnavailable, .keysUnavailable, .internalFault,
  ]

  /// At UserInfo: any token of ours that has the scope.
  static let userInfo: [Code] = [
    .credentialsMissing, .credentialsMalformed, .accessTokenMalformed, .accessTokenInvalid, .accessTokenExpired,
    .accessTokenNotYetValid, .accessTokenRevoked, .scopeInsufficient, .requestMalformed, .requestTooLarge,
    .headersTooLarge, .storageUnavailable, .keysUnavailable, .internalFault,
  ]
}
