/// What the caller may know. A code exists only where the caller's right next step, or a specification, differs.
/// Codes are for ever: each stands in `catalogue.lock`, and none is renamed, re-used or removed.
public enum Code: String, CaseIterable, Hashable, Sendable {
  // A presented access token, at an API (RFC 6750 §3.1)
  case credentialsMissing = "CREDENTIALS_MISSING"
  case credentialsMalformed = "CREDENTIALS_MALFORMED"
  case accessTokenMalformed = "ACCESS_TOKEN_MALFORMED"
  case accessTokenInvalid = "ACCESS_TOKEN_INVALID"
  case accessTokenExpired = "ACCESS_TOKEN_EXPIRED"
  case accessTokenNotYetValid = "ACCESS_TOKEN_NOT_YET_VALID"
  case accessTokenAudienceMismatch = "ACCESS_TOKEN_AUDIENCE_MISMATCH"
  case accessTokenRevoked = "ACCESS_TOKEN_REVOKED"
  case scopeInsufficient = "SCOPE_INSUFFICIENT"
  case forbidden = "FORBIDDEN"
  // Client authentication (RFC 6749 §2.3, §5.2)
  case clientAuthenticationFailed = "CLIENT_AUTHENTICATION_FAILED"
  case clientAuthenticationMissing = "CLIENT_AUTHENTICATION_MISSING"
  case clientAuthenticationAmbiguous = "CLIENT_AUTHENTICATION_AMBIGUOUS"
  case clientAuthenticationMethodNotAllowed = "CLIENT_AUTHENTICATION_METHOD_NOT_ALLOWED"
  // The token endpoint (RFC 6749 §5.2)
  case tokenRequestMalformed = "TOKEN_REQUEST_MALFORMED"
  case grantTypeUnsupported = "GRANT_TYPE_UNSUPPORTED"
  case grantTypeNotAllowed = "GRANT_TYPE_NOT_ALLOWED"
  case codeMalformed = "CODE_MALFORMED"
  case codeRejected = "CODE_REJECTED"
  case codeRedirectURIMismatch = "CODE_REDIRECT_URI_MISMATCH"
  case pkceVerifierMissing = "PKCE_VERIFIER_MISSING"
  case pkceVerificationFailed = "PKCE_VERIFICATION_FAILED"
  case refreshTokenMalformed = "REFRESH_TOKEN_MALFORMED"
  case refreshTokenRejected = "REFRESH_TOKEN_REJECTED"
  case scopeInvalid = "SCOPE_INVALID"
  case resourceIndicatorInvalid = "RESOURCE_INDICATOR_INVALID"
  // The authorization endpoint: on a page while nobody is proven, then to the application (RFC 6749 §4.1.2.1)
  case authorizationClientUnknown = "AUTHORIZATION_CLIENT_UNKNOWN"
  case authorizationRedirectURIMismatch = "AUTHORIZATION_REDIRECT_URI_MISMATCH"
  case authorizationRequestInvalid = "AUTHORIZATION_REQUEST_INVALID"
  case responseTypeUnsupported = "RESPONSE_TYPE_UNSUPPORTED"
  case authorizationClientNotAllowed = "AUTHORIZATION_CLIENT_NOT_ALLOWED"
  case pkceRequired = "PKCE_REQUIRED"
  case requestObjectUnsupported = "REQUEST_OBJECT_UNSUPPORTED"
  case requestURIUnsupported = "REQUEST_URI_UNSUPPORTED"
  case loginRequired = "LOGIN_REQUIRED"
  case consentRequired = "CONSENT_REQUIRED"
  case consentDenied = "CONSENT_DENIED"
  case consentAbandoned = "CONSENT_ABANDONED"
  case resourceIncompatible = "RESOURCE_INCOMPATIBLE"
  case subscriptionInactive = "SUBSCRIPTION_INACTIVE"
  case applicationMisconfigured = "APPLICATION_MISCONFIGURED"
  // Pages for people
  case loginFailed = "LOGIN_FAILED"
  case loginThrottled = "LOGIN_THROTTLED"
  case formRejected = "FORM_REJECTED"
  case interactionExpired = "INTERACTION_EXPIRED"
  case logoutRequestInvalid = "LOGOUT_REQUEST_INVALID"
  // Introspection and revocation: refusals that look like success (RFC 7662 §2.2, RFC 7009 §2.2)
  case introspectionInactive = "INTROSPECTION_INACTIVE"
  case revocationIgnored = "REVOCATION_IGNORED"
  // The request itself, and the way to the API (RFC 9110 §15)
  case requestMalformed = "REQUEST_MALFORMED"
  case requestParameterInvalid = "REQUEST_PARAMETER_INVALID"
  case apiVersionUnsupported = "API_VERSION_UNSUPPORTED"
  case notFound = "NOT_FOUND"
  case methodNotAllowed = "METHOD_NOT_ALLOWED"
  case notAcceptable = "NOT_ACCEPTABLE"
  case requestTooLarge = "REQUEST_TOO_LARGE"
  case mediaTypeUnsupported = "MEDIA_TYPE_UNSUPPORTED"
  case headersTooLarge = "HEADERS_TOO_LARGE"
  case upstreamUnavailable = "UPSTREAM_UNAVAILABLE"
  case upstreamTimeout = "UPSTREAM_TIMEOUT"
  // Our fault, said honestly
  case storageUnavailable = "STORAGE_UNAVAILABLE"
  case keysUnavailable = "KEYS_UNAVAILABLE"
  case configurationInvalid = "CONFIGURATION_INVALID"
  case internalFault = "INTERNAL_FAULT"
  // The catalogue's own surface
  case helpTopicNotFound = "HELP_TOPIC_NOT_FOUND"
  case helpTopicMalformed = "HELP_TOPIC_MALFORMED"
  case traceNotFound = "TRACE_NOT_FOUND"
  // Later additions, in the order of the lock
  case authenticationRequirementsUnmet = "AUTHENTICATION_REQUIREMENTS_UNMET"
  case provocationIgnored = "PROVOCATION_IGNORED"
  case resourceAbsent = "RESOURCE_ABSENT"

  /// The last part of the page's address: `ACCESS_TOKEN_EXPIRED` is explained at `/errors/access-token-expired`.
  public var slug: String {
    // Capitals, digits and underscores only; every refusal names its page.
    String(decoding: rawValue.utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 | 0x20 }, as: UTF8.self)
  }

  /// Reads `ACCESS_TOKEN_EXPIRED`, `access-token-expired`, `access_token_expired` and `errors.ACCESS_TOKEN_EXPIRED`.
  public init?(spelled text: some StringProtocol) {
    let bare = text.hasPrefix("errors.") ? String(text.dropFirst(7)) : String(text)
    self.init(rawValue: String(bare.uppercased().map { $0 == "-" ? "_" : $0 }))
  }
}
