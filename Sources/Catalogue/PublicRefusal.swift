import StrictJSON
import Vocabulary

/// The only form in which a refusal leaves the building: a code and the members its caller may know.
/// A dialect sees this and nothing else, so no template can leak a fact.
public struct PublicRefusal: Equatable, Sendable {
  public let code: Code
  public let members: [Member]
  /// Whether the caller presented a credential at all; without one a challenge carries no error (RFC 6750 §3.1).
  public let credentialPresented: Bool
  /// Whether the `Authorization` header was used to authenticate a client (RFC 6749 §5.2 then wants 401 and a challenge).
  public let authorizationHeaderUsed: Bool

  public subscript(name: Member.Name) -> Member? { members.first { $0.name == name } }
}

extension Refusal {
  /// What may be told of this refusal.
  public func disclosed(credentialPresented: Bool = true, authorizationHeaderUsed: Bool = false) -> PublicRefusal {
    PublicRefusal(
      code: code, members: area.members, credentialPresented: credentialPresented,
      authorizationHeaderUsed: authorizationHeaderUsed)
  }
}

extension PublicRefusal {
  /// A refusal of that code with example members, for its page.
  public static func example(_ code: Code) -> PublicRefusal {
    let members: [Member] =
      switch code {
      case .scopeInsufficient: [Member(.requiredScope, "read_odometer")]
      case .methodNotAllowed: [Member(.allowedMethods, ["GET"])]
      case .codeMalformed, .refreshTokenMalformed, .authorizationClientUnknown: [Member(.presented, "abc")]
      case .codeRedirectURIMismatch: [Member(.presented, "https://example.com/other")]
      case .authorizationRequestInvalid, .pkceRequired: [Member(.parameter, "code_challenge")]
      case .applicationMisconfigured: [Member(.problem, "a VIN of another mode")]
      case .loginThrottled: [Member(.retryAfter, 30)]
      case .storageUnavailable, .keysUnavailable: [Member(.retryAfter, .integer(ServiceRefusal.retryAfter))]
      case .requestParameterInvalid: [Member(.parameter, "vehicle_id"), Member(.parameterPlace, "path")]
      case .tokenRequestMalformed, .clientAuthenticationMissing:
        [Member(.parameter, "client_id"), Member(.parameterPlace, "body")]
      case .mediaTypeUnsupported:
        [Member(.contentType, "text/plain"), Member(.supportedMediaTypes, ["application/json"])]
      case .notAcceptable: [Member(.supportedMediaTypes, ["application/json"])]
      case .apiVersionUnsupported: [Member(.requestedVersion, "3.0"), Member(.supportedVersions, ["2.0"])]
      case .accessTokenAudienceMismatch: [Member(.expectedAudience, "https://api.example.com")]
      case .accessTokenExpired: [Member(.expiredAt, "2026-03-02T10:10:51.000Z")]
      case .accessTokenNotYetValid: [Member(.notBefore, "2026-03-02T10:20:51.000Z")]
      case .credentialsMissing: [Member(.acceptedLocations, ["Authorization: Bearer"])]
      case .helpTopicNotFound: [Member(.topic, "errors.NOPE")]
      case .helpTopicMalformed: [Member(.problem, "contains disallowed characters")]
      case .credentialsMalformed, .accessTokenMalformed, .accessTokenInvalid, .accessTokenRevoked, .forbidden,
        .clientAuthenticationFailed, .clientAuthenticationAmbiguous, .clientAuthenticationMethodNotAllowed,
        .grantTypeUnsupported, .grantTypeNotAllowed, .codeRejected, .refreshTokenRejected, .scopeInvalid,
        .resourceIndicatorInvalid, .introspectionInactive, .revocationIgnored, .requestMalformed, .notFound,
        .requestTooLarge, .headersTooLarge, .upstreamUnavailable, .upstreamTimeout, .configurationInvalid,
        .internalFault, .traceNotFound, .pkceVerifierMissing, .pkceVerificationFailed,
        .authorizationRedirectURIMismatch, .responseTypeUnsupported, .authorizationClientNotAllowed,
        .requestObjectUnsupported, .requestURIUnsupported, .loginRequired, .consentRequired,
        .authenticationRequirementsUnmet, .consentDenied,
        .consentAbandoned, .resourceIncompatible, .resourceAbsent, .subscriptionInactive, .loginFailed, .formRejected,
        .interactionExpired, .logoutRequestInvalid, .provocationIgnored:
        []
      }
    return PublicRefusal(
      code: code, members: members, credentialPresented: code != .credentialsMissing, authorizationHeaderUsed: true)
  }
}

extension PublicRefusal {
  /// The same refusal under a coarser code: without members, so that it equals a genuine one byte for byte.
  public func lowered(to code: Code) -> PublicRefusal {
    PublicRefusal(
      code: code, members: [], credentialPresented: credentialPresented,
      authorizationHeaderUsed: authorizationHeaderUsed)
  }
}
