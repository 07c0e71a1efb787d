import Catalogue
import Dialects
import OAuth
import Vocabulary

/// What a real refusal at the token endpoint would know (RFC 6749 §5.2), taken from the request that asks for one.
extension ClientRefusal {
  static func provoked(_ name: Name, _ facts: ProvocationFacts) -> ClientRefusal {
    switch name {
    case .unknown: .unknown(Excerpt(facts.client.value))
    case .secretMismatch: .secretMismatch(facts.client)
    case .secretExpired: .secretExpired(facts.client, at: facts.past)
    case .disabled: .disabled(facts.client)
    case .credentialsMalformed: .credentialsMalformed("provoked")
    case .absent: .absent(missing: "client_id")
    case .repeated: .repeated([.basic, .post])
    case .identifierConflict: .identifierConflict(header: Excerpt(facts.client.value), body: "another")
    case .methodNotRegistered: .methodNotRegistered(facts.client, used: .post, registered: [.basic])
    }
  }
}

extension GrantRefusal {
  static func provoked(_ name: Name, _ facts: ProvocationFacts) -> GrantRefusal {
    switch name {
    case .typeUnknown: .typeUnknown("provoked", supported: facts.endpoint?.grants ?? [])
    case .typeNotRegistered: .typeNotRegistered(.clientCredentials, client: facts.client, registered: [])
    case .codeMalformed: .codeMalformed(facts.echo("code"))
    case .codeUnknown: .codeUnknown
    case .codeExpired: .codeExpired(facts.grant, at: facts.past)
    case .codeReused: .codeReused(facts.grant, firstAt: facts.past)
    case .codeClientMismatch: .codeClientMismatch(holder: ClientID("another"), presenter: facts.client)
    case .codeWithdrawn: .codeWithdrawn(facts.grant, at: facts.past)
    case .codeSessionEnded: .codeSessionEnded(facts.grant, at: facts.past)
    case .redirectURIMismatch: .redirectURIMismatch(facts.echo("redirect_uri"), expected: "another")
    case .verifierMissing: .verifierMissing(client: facts.client)
    case .verifierMismatch: .verifierMismatch(client: facts.client)
    case .verifierUnexpected: .verifierUnexpected(client: facts.client)
    }
  }
}

extension RefreshTokenRefusal {
  static func provoked(_ name: Name, _ facts: ProvocationFacts) -> RefreshTokenRefusal {
    switch name {
    case .malformed: .malformed(facts.echo("refresh_token"))
    case .unknown: .unknown
    case .expired: .expired(family: facts.family, at: facts.past)
    case .reused:
      .reused(
        family: facts.family, grant: facts.grant, presented: 1, current: 3, rotatedAt: facts.past,
        grace: facts.contract.refreshToken?.grace ?? Lifetime(clamping: 0))
    case .familyRevoked: .familyRevoked(family: facts.family, at: facts.past)
    case .clientMismatch: .clientMismatch(holder: ClientID("another"), presenter: facts.client)
    }
  }
}

extension ScopeRefusal {
  static func provoked(_ name: Name, _ facts: ProvocationFacts) -> ScopeRefusal {
    let asked = facts.form["scope"].flatMap { Scopes(parsing: $0) } ?? .none
    switch name {
    case .malformed: return .malformed
    case .notRegistered: return .notRegistered(asked, client: facts.client, registered: .none)
    case .widened: return .widened(asked, granted: .none)
    case .resourceMalformed: return .resourceMalformed("provoked")
    case .resourceUnknown: return .resourceUnknown("provoked", known: [])
    }
  }
}

extension SilentRefusal {
  /// `nil` for the records of provocations themselves.
  static func provoked(_ name: Name, _ facts: ProvocationFacts) -> SilentRefusal? {
    switch name {
    case .introspectedTokenRefused: .introspectedTokenRefused(.unknown)
    case .introspectedRefreshTokenRefused: .introspectedRefreshTokenRefused(.unknown)
    case .introspectionNotEntitled: .introspectionNotEntitled(asker: facts.client, holder: ClientID("another"))
    case .revocationTokenUnknown: .revocationTokenUnknown
    case .revocationNotOwner: .revocationNotOwner(asker: facts.client, holder: ClientID("another"))
    case .provocationOnLive, .provocationUnproven: nil
    }
  }
}

/// What a real refusal at the authorization endpoint would know (RFC 6749 §4.1.2.1).
extension AuthorizationRefusal {
  static func provoked(_ name: Name, _ facts: ProvocationFacts) -> AuthorizationRefusal {
    let client = facts.client
    let scopes = facts.form["scope"].flatMap { Scopes(parsing: $0) } ?? .none
    switch name {
    case .clientUnknown: return .clientUnknown(Echo(client.value))
    case .clientDisabled: return .clientDisabled(client)
    case .redirectURIUnregistered:
      return .redirectURIUnregistered(
        "provoked", client: client, registered: facts.proven.map(\.client.redirectURIs) ?? [])
    case .redirectURIMissing: return .redirectURIMissing(client: client, registered: 2)
    case .parameterMissing: return .parameterMissing("response_type")
    case .parameterRepeated: return .parameterRepeated("response_type")
    case .parameterInvalid: return .parameterInvalid("response_mode", expected: "another")
    case .responseTypeUnknown: return .responseTypeUnknown("provoked", offered: ["code"])
    case .grantNotRegistered: return .grantNotRegistered(client: client, registered: [])
    case .challengeMissing: return .challengeMissing(client: client)
    case .challengeMethodRefused: return .challengeMethodRefused("plain")
    case .requestObjectSent: return .requestObjectSent
    case .requestURISent: return .requestURISent
    case .loginRequired: return .loginRequired("provoked")
    case .consentRequired: return .consentRequired(scopes)
    case .contextUnmet: return .contextUnmet("provoked", offered: "another")
    case .denied: return .denied(client: client, asked: scopes)
    case .abandoned: return .abandoned(client: client)
    case .resourceIncompatible: return .resourceIncompatible
    case .resourceAbsent: return .resourceAbsent("provoked", client: client)
    case .subscriptionInactive: return .subscriptionInactive
    case .applicationMisconfigured:
      return .applicationMisconfigured(ContractSentence(facts.problem))
    }
  }
}

extension SignInRefusal {
  static func provoked(_ name: Name, _ facts: ProvocationFacts) -> SignInRefusal {
    switch name {
    case .userUnknown: .userUnknown
    case .passwordMismatch: .passwordMismatch(SubjectID("provoked"))
    case .userDisabled: .userDisabled(SubjectID("provoked"))
    case .throttled: .throttled("account", after: Lifetime(clamping: 30))
    case .cookieAbsent: .cookieAbsent
    case .formTokenMismatch: .formTokenMismatch
    case .formExpired: .formExpired(after: Lifetime(clamping: 3600))
    case .signedOutMeanwhile: .signedOutMeanwhile
    case .formAnswered: .formAnswered
    case .logoutAddressUnregistered: .logoutAddressUnregistered("provoked")
    }
  }
}

extension ProvocationFacts {
  /// As the contract's own triggers say it.
  fileprivate var problem: String {
    contract.authorization?.triggers.first { $0.code == .applicationMisconfigured }?.problem ?? "provoked"
  }
}

extension SignInRefusal {
  /// Whether it is said on the sign-in page itself.
  var isAboutCredentials: Bool {
    switch self {
    case .userUnknown, .passwordMismatch, .userDisabled, .throttled: true
    case .cookieAbsent, .formTokenMismatch, .formExpired, .signedOutMeanwhile, .formAnswered,
      .logoutAddressUnregistered:
      false
    }
  }
}
