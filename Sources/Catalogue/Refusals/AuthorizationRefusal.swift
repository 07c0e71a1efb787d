import StrictJSON
public import Vocabulary

/// Refusals at the authorization endpoint. RFC 6749 §4.1.2.1: while client and address are unproven a person is
/// shown a page; everything else goes back to the application.
public enum AuthorizationRefusal: RefusalArea {
  case clientUnknown(Echo)
  case clientDisabled(ClientID)
  case redirectURIUnregistered(Excerpt, client: ClientID, registered: [RedirectURI])
  case redirectURIMissing(client: ClientID, registered: Int)
  case parameterMissing(ParameterName)
  case parameterRepeated(ParameterName)
  case parameterInvalid(ParameterName, expected: Excerpt)
  case responseTypeUnknown(Excerpt, offered: [Excerpt])
  case grantNotRegistered(client: ClientID, registered: [GrantType])
  case challengeMissing(client: ClientID)
  case challengeMethodRefused(Excerpt)
  case requestObjectSent
  case requestURISent
  case loginRequired(Excerpt)
  case consentRequired(Scopes)
  case contextUnmet(Excerpt, offered: Excerpt)
  case denied(client: ClientID, asked: Scopes)
  case abandoned(client: ClientID)
  case resourceIncompatible
  case resourceAbsent(Excerpt, client: ClientID)
  case subscriptionInactive
  case applicationMisconfigured(ContractSentence)

  public enum Name: String, ReasonName {
    case clientUnknown = "authorization_client_unknown"
    case clientDisabled = "authorization_client_disabled"
    case redirectURIUnregistered = "redirect_uri_unregistered"
    case redirectURIMissing = "redirect_uri_missing"
    case parameterMissing = "authorization_parameter_missing"
    case parameterRepeated = "authorization_parameter_repeated"
    case parameterInvalid = "authorization_parameter_invalid"
    case responseTypeUnknown = "response_type_unknown"
    case grantNotRegistered = "authorization_grant_not_registered"
    case challengeMissing = "code_challenge_missing"
    case challengeMethodRefused = "code_challenge_method_refused"
    case requestObjectSent = "request_object_sent"
    case requestURISent = "request_uri_sent"
    case loginRequired = "login_required"
    case consentRequired = "consent_required"
    case contextUnmet = "authentication_context_unmet"
    case denied = "consent_denied"
    case abandoned = "consent_abandoned"
    case resourceAbsent = "resource_absent"
    case resourceIncompatible = "resource_incompatible"
    case subscriptionInactive = "subscription_inactive"
    case applicationMisconfigured = "application_misconfigured"

    public var code: Code {
      switch self {
      case .clientUnknown, .clientDisabled: .authorizationClientUnknown
      case .redirectURIUnregistered, .redirectURIMissing: .authorizationRedirectURIMismatch
      case .parameterMissing, .parameterRepeated, .parameterInvalid: .authorizationRequestInvalid
      case .responseTypeUnknown: .responseTypeUnsupported
      case .grantNotRegistered: .authorizationClientNotAllowed
      case .challengeMissing, .challengeMethodRefused: .pkceRequired
      case .requestObjectSent: .requestObjectUnsupported
      case .requestURISent: .requestURIUnsupported
      case .loginRequired: .loginRequired
      case .consentRequired: .consentRequired
      case .contextUnmet: .authenticationRequirementsUnmet
      case .denied: .consentDenied
      case .abandoned: .consentAbandoned
      case .resourceIncompatible: .resourceIncompatible
      case .resourceAbsent: .resourceAbsent
      case .subscriptionInactive: .subscriptionInactive
      case .applicationMisconfigured: .applicationMisconfigured
      }
    }
  }

  public var name: Name {
    switch self {
    case .clientUnknown: .clientUnknown
    case .clientDisabled: .clientDisabled
    case .redirectURIUnregistered: .redirectURIUnregistered
    case .redirectURIMissing: .redirectURIMissing
    case .parameterMissing: .parameterMissing
    case .parameterRepeated: .parameterRepeated
    case .parameterInvalid: .parameterInvalid
    case .responseTypeUnknown: .responseTypeUnknown
    case .grantNotRegistered: .grantNotRegistered
    case .challengeMissing: .challengeMissing
    case .challengeMethodRefused: .challengeMethodRefused
    case .requestObjectSent: .requestObjectSent
    case .requestURISent: .requestURISent
    case .loginRequired: .loginRequired
    case .consentRequired: .consentRequired
    case .contextUnmet: .contextUnmet
    case .denied: .denied
    case .abandoned: .abandoned
    case .resourceIncompatible: .resourceIncompatible
    case .resourceAbsent: .resourceAbsent
    case .subscriptionInactive: .subscriptionInactive
    case .applicationMisconfigured: .applicationMisconfigured
    }
  }

  public var members: [Member] {
    switch self {
    case .clientUnknown(let echo): [Member(.presented, .string(echo.reveal()))]
    case .parameterMissing(let name), .parameterRepeated(let name), .parameterInvalid(let name, _):
      [Member(.parameter, .string("\(name)"))]
    case .challengeMissing: [Member(.parameter, "code_challenge")]
    case .challengeMethodRefused: [Member(.parameter, "code_challenge_method")]
    case .applicationMisconfigured(let problem): [Member(.problem, .string(problem.description))]
    case .clientDisabled, .redirectURIUnregistered, .redirectURIMissing, .responseTypeUnknown, .grantNotRegistered,
      .requestObjectSent, .requestURISent, .loginRequired, .consentRequired, .contextUnmet, .denied, .abandoned,
      .resourceIncompatible, .resourceAbsent, .subscriptionInactive:
      []
    }
  }
}
