import Vocabulary

extension Code {
  /// The caller's words for each code. Exhaustive on purpose: a code without words does not compile.
  public var entry: Entry {
    switch self {
    case .credentialsMissing:
      Entry(
        "No usable credentials were sent", "This request carries no access token in a place this API reads.",
        401, retry: .newToken, acts: [.caller, .developer], challenge: .bearer, at: [.api])
    case .credentialsMalformed:
      Entry(
        "Credentials cannot be parsed",
        "The Authorization header cannot be parsed or credentials were sent more than once.",
        400, .invalidRequest, retry: .never, acts: [.developer], challenge: .bearerWithError, at: [.api])
    case .accessTokenMalformed:
      Entry(
        "Access token does not have the form of one", "The access token is not valid for this API.",
        401, .invalidToken, retry: .newToken, acts: [.caller, .developer], challenge: .bearerWithError, at: [.api],
        lowersTo: .accessTokenInvalid)
    case .accessTokenInvalid:
      Entry(
        "Access token is not acceptable", "The access token is not valid for this API.",
        401, .invalidToken, retry: .newToken, acts: [.caller, .developer], challenge: .bearerWithError, at: [.api])
    case .accessTokenExpired:
      Entry(
        "Access token has expired", "The access token expired.",
        401, .invalidToken, retry: .newToken, acts: [.caller], challenge: .bearerWithError, at: [.api])
    case .accessTokenNotYetValid:
      Entry(
        "Access token is not valid yet", "The access token is not valid yet.",
        401, .invalidToken, retry: .after, acts: [.caller, .operator], challenge: .bearerWithError, at: [.api])
    case .accessTokenAudienceMismatch:
      Entry(
        "Access token is for another API", "The access token was issued for a different audience.",
        401, .invalidToken, retry: .never, acts: [.developer], challenge: .bearerWithError, at: [.api])
    case .accessTokenRevoked:
      Entry(
        "Access token was revoked", "The access token is not valid for this API.",
        401, .invalidToken, retry: .newGrant, acts: [.caller, .user], challenge: .bearerWithError, at: [.api],
        lowersTo: .accessTokenInvalid)
    case .scopeInsufficient:
      Entry(
        "Access token lacks a required scope", "The access token does not carry the scope this operation needs.",
        403, .insufficientScope, retry: .newGrant, acts: [.developer, .user], challenge: .bearerWithError, at: [.api])
    case .forbidden:
      Entry(
        "Authenticated but not permitted", "The credentials are valid but do not permit this operation.",
        403, retry: .never, acts: [.developer, .operator], at: [.api])
    case .clientAuthenticationFailed:
      Entry(
        "Client authentication failed", "Client authentication failed.",
        401, .invalidClient, retry: .never, acts: [.developer], challenge: .basic, at: [.token, .api])
    case .clientAuthenticationMissing:
      Entry(
        "Client did not authenticate", "This endpoint requires client authentication and none was sent.",
        401, .invalidClient, retry: .never, acts: [.developer], challenge: .basic, at: [.token, .api])
    case .clientAuthenticationAmbiguous:
      Entry(
        "More than one client authentication", "Use exactly one client authentication method per request.",
        400, .invalidRequest, retry: .never, acts: [.developer], at: [.token, .api])
    case .clientAuthenticationMethodNotAllowed:
      Entry(
        "Client must use another method",
        "The credentials are right but this client is registered for another authentication method.",
        401, .invalidClient, retry: .never, acts: [.developer, .operator], challenge: .basic, at: [.token, .api])
    case .tokenRequestMalformed:
      Entry(
        "Token request is malformed", "A required parameter is missing, repeated or has the wrong form.",
        400, .invalidRequest, retry: .never, acts: [.developer], at: [.token])
    case .grantTypeUnsupported:
      Entry(
        "Grant type is not supported", "This authorization server does not support that grant type.",
        400, .unsupportedGrantType, retry: .never, acts: [.developer], at: [.token])
    case .grantTypeNotAllowed:
      Entry(
        "Client may not use this grant", "This client is not registered for that grant type.",
        400, .unauthorizedClient, retry: .never, acts: [.developer, .operator], at: [.token])
    case .codeMalformed:
      Entry(
        "Authorization code does not have the form of one",
        "The authorization code is not valid, has expired, or was already used.",
        400, .invalidGrant, retry: .newGrant, acts: [.developer], at: [.token], lowersTo: .codeRejected)
    case .codeRejected:
      Entry(
        "Authorization code was rejected", "The authorization code is not valid, has expired, or was already used.",
        400, .invalidGrant, retry: .newGrant, acts: [.caller, .developer], at: [.token])
    case .codeRedirectURIMismatch:
      Entry(
        "Redirect URI of the code differs", "The authorization code is not valid, has expired, or was already used.",
        400, .invalidGrant, retry: .newGrant, acts: [.developer], at: [.token], lowersTo: .codeRejected)
    case .pkceVerifierMissing:
      Entry(
        "Code verifier is missing", "The authorization code is not valid, has expired, or was already used.",
        400, .invalidGrant, retry: .newGrant, acts: [.developer], at: [.token], lowersTo: .codeRejected)
    case .pkceVerificationFailed:
      Entry(
        "Code verifier does not match", "The authorization code is not valid, has expired, or was already used.",
        400, .invalidGrant, retry: .newGrant, acts: [.developer], at: [.token], lowersTo: .codeRejected)
    case .authorizationClientUnknown:
      page("The application is not known", "The application that sent you here is not set up correctly.", 400)
    case .authorizationRedirectURIMismatch:
      page(
        "Return address is not registered",
        "The application that sent you here asked to return to an address that is not registered.", 400)
    case .authorizationRequestInvalid:
      sent(
        "Authorization request is not valid",
        "A parameter of the authorization request is missing, repeated or not valid.", .invalidRequest)
    case .responseTypeUnsupported:
      sent("Response type is not offered", "This response_type is not supported.", .unsupportedResponseType)
    case .authorizationClientNotAllowed:
      sent(
        "Client may not ask for authorization", "This client may not request authorization this way.",
        .unauthorizedClient)
    case .pkceRequired:
      sent("Proof key is required", "A code_challenge with method S256 is required.", .invalidRequest)
    case .requestObjectUnsupported:
      sent("Request objects are not read", "This server does not support request objects.", .requestNotSupported)
    case .requestURIUnsupported:
      sent("Request addresses are not fetched", "This server does not fetch request_uri.", .requestURINotSupported)
    case .loginRequired:
      sent(
        "Person is not signed in", "The user is not signed in and prompt=none was requested.", .loginRequired,
        retry: .afterUser, acts: [.caller])
    case .consentRequired:
      sent(
        "Person has not consented", "User consent is required.", .consentRequired, retry: .afterUser, acts: [.caller])
    case .authenticationRequirementsUnmet:
      sent(
        "Requested sign-in strength not met", "The requested authentication level could not be reached.",
        .unmetAuthenticationRequirements, retry: .afterUser, acts: [.caller, .user])
    case .consentDenied:
      sent(
        "Person denied access", "User denied access to application", .accessDenied, retry: .afterUser,
        acts: [.user, .caller])
    case .consentAbandoned:
      sent(
        "Person left before deciding", "The user left before granting access.", .accessDenied, retry: .afterUser,
        acts: [.user, .caller])
    case .resourceIncompatible:
      sent(
        "Resource is not compatible", "The resource of this account is not compatible.", .accessDenied,
        retry: .afterUser, acts: [.user])
    case .resourceAbsent:
      sent(
        "Account has no such resource", "The account does not have the resource that was asked about.", .accessDenied,
        retry: .afterUser, acts: [.user, .caller])
    case .subscriptionInactive:
      sent(
        "Subscription is not active", "The user does not have an active subscription.", .accessDenied,
        retry: .afterUser, acts: [.user])
    case .applicationMisconfigured:
      sent(
        "Application is not configured for this", "There has been an error in the configuration of the application.",
        .invalidRequest)
    case .loginFailed: page("Sign-in details were not recognised", "We do not recognise those sign-in details.", 422)
    case .loginThrottled: page("Too many attempts to sign in", "Too many attempts. Try again later.", 429)
    case .formRejected:
      page(
        "Form was not accepted", "We could not accept that form. Check that cookies are allowed and start again.", 403)
    case .logoutRequestInvalid:
      page(
        "Return address after sign-out is not registered",
        "The application asked to return to an address that is not registered.", 400)
    case .interactionExpired:
      page(
        "Page was open too long", "This page was open too long. Go back to the application and start again.", 410)
    case .refreshTokenMalformed:
      Entry(
        "Refresh token does not have the form of one",
        "The refresh token is not valid, has expired, or was already used.",
        400, .invalidGrant, retry: .newGrant, acts: [.developer], at: [.token], lowersTo: .refreshTokenRejected)
    case .refreshTokenRejected:
      Entry(
        "Refresh token was rejected", "The refresh token is not valid, has expired, or was already used.",
        400, .invalidGrant, retry: .newGrant, acts: [.caller, .user], at: [.token])
    case .scopeInvalid:
      Entry(
        "Requested scope cannot be granted", "The requested scope is unknown, malformed, or wider than allowed.",
        400, .invalidScope, retry: .never, acts: [.developer], at: [.token, .authorization])
    case .resourceIndicatorInvalid:
      Entry(
        "Requested resource is not acceptable", "The resource is unknown, malformed, or not allowed for this grant.",
        400, .invalidTarget, retry: .never, acts: [.developer], at: [.token, .authorization])
    case .introspectionInactive:
      Entry(
        "Token is reported as inactive", "The token is not active.",
        200, retry: .never, acts: [.operator], at: [.token])
    case .revocationIgnored:
      Entry(
        "Nothing was revoked", "There was nothing to revoke.",
        200, retry: .never, acts: [.developer], at: [.token])
    case .requestMalformed:
      Entry(
        "Request cannot be parsed", "The request cannot be parsed.",
        400, .invalidRequest, retry: .never, acts: [.developer], at: [.api, .token, .page, .documentation])
    case .requestParameterInvalid:
      Entry(
        "A request parameter is missing or invalid",
        "A parameter of the request is missing or does not have the right form.",
        400, .invalidRequest, retry: .never, acts: [.developer], at: [.api])
    case .apiVersionUnsupported:
      Entry(
        "API version is not supported", "This version of the API is not supported.",
        400, .invalidRequest, retry: .never, acts: [.developer], at: [.api])
    case .notFound:
      Entry(
        "No such resource", "No resource at this path.",
        404, retry: .never, acts: [.developer], at: [.api, .token, .page, .documentation])
    case .methodNotAllowed:
      Entry(
        "Method is not allowed here", "This method is not allowed here.",
        405, .invalidRequest, retry: .never, acts: [.developer], at: [.api, .token, .page, .documentation])
    case .notAcceptable:
      Entry(
        "No acceptable representation", "None of the requested media types can be produced.",
        406, .invalidRequest, retry: .never, acts: [.developer], at: [.api])
    case .requestTooLarge:
      Entry(
        "Request body is too large", "The request body is larger than allowed.",
        413, .invalidRequest, retry: .never, acts: [.developer], at: [.api, .token, .page, .documentation])
    case .mediaTypeUnsupported:
      Entry(
        "Content type is not supported", "This content type is not supported here.",
        415, .invalidRequest, retry: .never, acts: [.developer], at: [.api, .token])
    case .headersTooLarge:
      Entry(
        "Request headers are too large", "The request headers are larger than allowed.",
        431, .invalidRequest, retry: .never, acts: [.developer], at: [.api, .token, .page, .documentation])
    case .upstreamUnavailable:
      Entry(
        "Protected API cannot be reached", "The API behind this gateway did not answer correctly.",
        502, retry: .same, acts: [.operator], at: [.api])
    case .upstreamTimeout:
      Entry(
        "Protected API took too long",
        "The API behind this gateway did not answer in time. The request may have been carried out.",
        504, retry: .same, acts: [.operator], at: [.api])
    case .storageUnavailable:
      Entry(
        "Storage is unavailable", "The service cannot check credentials at the moment. Keep your tokens and retry.",
        503, .temporarilyUnavailable, retry: .after, acts: [.operator], at: [.api, .token, .page, .documentation])
    case .keysUnavailable:
      Entry(
        "Signing or verification keys are unavailable",
        "The service cannot check credentials at the moment. Keep your tokens and retry.",
        503, .temporarilyUnavailable, retry: .after, acts: [.operator], at: [.api, .token, .page])
    case .configurationInvalid:
      Entry(
        "Configuration is refused", "The service is misconfigured.",
        500, .serverError, retry: .afterOperator, acts: [.operator], at: [.terminal])
    case .internalFault:
      Entry(
        "Unexpected fault in the service", "An unexpected fault occurred. Quote the trace id to the operator.",
        500, .serverError, retry: .same, acts: [.operator], at: [.api, .token, .page, .documentation])
    case .helpTopicNotFound:
      Entry(
        "No such documentation topic", "There is no documentation topic with that name.",
        404, retry: .never, acts: [.developer], at: [.documentation, .api, .terminal])
    case .helpTopicMalformed:
      Entry(
        "Topic name is malformed", "A topic name has letters, digits, dots, slashes, hyphens and underscores only.",
        400, retry: .never, acts: [.developer], at: [.documentation, .api])
    case .traceNotFound:
      Entry(
        "No explanation under that id", "No explanation is available to you under that trace id.",
        404, retry: .never, acts: [.developer, .operator], at: [.terminal])
    case .provocationIgnored:
      Entry(
        "Provocation was ignored", "A request to provoke a refusal was ignored.",
        200, retry: .never, acts: [.operator], at: [.terminal])
    }
  }

  /// Shown to a person, whose browser was sent here.
  private func page(_ title: String, _ text: String, _ status: Int) -> Entry {
    Entry(title, text, status, retry: status == 400 ? .never : .afterUser, acts: [.user, .developer], at: [.page])
  }

  /// Sent back to the application in its address.
  private func sent(
    _ title: String, _ text: String, _ error: OAuthError, retry: RetryVerdict = .never,
    acts actors: [Actor] = [.developer]
  ) -> Entry {
    Entry(title, text, 400, error, retry: retry, acts: actors, at: [.authorization])
  }
}
