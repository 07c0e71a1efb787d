/// What a code is about, for lists of many.
public enum CodeFamily: String, CaseIterable, Sendable {
  case accessToken = "Access tokens at an API"
  case client = "Client authentication"
  case token = "The token endpoint"
  case authorization = "The authorization endpoint"
  case page = "Pages for people"
  case silent = "Refusals that look like success"
  case request = "The request itself, and the way to the API"
  case service = "Faults of the service"
  case documentation = "The documentation"
}

extension Code {
  /// Exhaustive on purpose: a new code must be put somewhere.
  public var family: CodeFamily {
    switch self {
    case .credentialsMissing, .credentialsMalformed, .accessTokenMalformed, .accessTokenInvalid, .accessTokenExpired,
      .accessTokenNotYetValid, .accessTokenAudienceMismatch, .accessTokenRevoked, .scopeInsufficient, .forbidden:
      .accessToken
    case .clientAuthenticationFailed, .clientAuthenticationMissing, .clientAuthenticationAmbiguous,
      .clientAuthenticationMethodNotAllowed:
      .client
    case .tokenRequestMalformed, .grantTypeUnsupported, .grantTypeNotAllowed, .codeMalformed, .codeRejected,
      .codeRedirectURIMismatch, .pkceVerifierMissing, .pkceVerificationFailed, .refreshTokenMalformed,
      .refreshTokenRejected, .scopeInvalid, .resourceIndicatorInvalid:
      .token
    case .authorizationClientUnknown, .authorizationRedirectURIMismatch, .authorizationRequestInvalid,
      .responseTypeUnsupported, .authorizationClientNotAllowed, .pkceRequired, .requestObjectUnsupported,
      .requestURIUnsupported, .loginRequired, .consentRequired, .consentDenied, .consentAbandoned,
      .resourceIncompatible, .resourceAbsent, .subscriptionInactive, .applicationMisconfigured,
      .authenticationRequirementsUnmet:
      .authorization
    case .loginFailed, .loginThrottled, .formRejected, .interactionExpired, .logoutRequestInvalid: .page
    case .introspectionInactive, .revocationIgnored, .provocationIgnored: .silent
    case .requestMalformed, .requestParameterInvalid, .apiVersionUnsupported, .notFound, .methodNotAllowed,
      .notAcceptable, .requestTooLarge, .mediaTypeUnsupported, .headersTooLarge, .upstreamUnavailable,
      .upstreamTimeout:
      .request
    case .storageUnavailable, .keysUnavailable, .configurationInvalid, .internalFault: .service
    case .helpTopicNotFound, .helpTopicMalformed, .traceNotFound: .documentation
    }
  }
}
