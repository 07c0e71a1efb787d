/// Whether the developer of a client may know why a request of theirs was refused: what they sent themselves, what an
/// authentic token says, and what happened to their own grants. Never what would tell of other clients' tokens and
/// codes, of people, of policy or of the operator's machines; and never one reason of such a pair without the other, as
/// a made-up refresh token and another client's. A new reason is not built without an answer.
extension RequestRefusal.Name {
  public var isToldToDevelopers: Bool {
    switch self {
    case .messageMalformed, .targetAmbiguous, .headersTooLarge, .bodyTooLarge, .bodyUnreadable, .methodNotAllowed,
      .mediaTypeUnsupported, .representationNotAcceptable, .apiVersionUnsupported, .parameterMissing,
      .parameterInvalid, .tokenParameterMissing, .tokenParameterRepeated, .tokenParameterInvalid,
      .tokenParametersTooMany, .credentialsInQuery, .provocationUnusable:
      true
    }
  }
}

extension ClientRefusal.Name {
  public var isToldToDevelopers: Bool {
    switch self {
    case .secretMismatch, .secretExpired, .disabled, .credentialsMalformed, .absent, .repeated, .identifierConflict,
      .methodNotRegistered:
      true
    case .unknown: false
    }
  }
}

extension GrantRefusal.Name {
  public var isToldToDevelopers: Bool {
    switch self {
    case .typeUnknown, .typeNotRegistered, .codeMalformed, .codeExpired, .codeReused, .redirectURIMismatch,
      .verifierMissing, .verifierMismatch, .verifierUnexpected:
      true
    case .codeUnknown, .codeClientMismatch, .codeWithdrawn, .codeSessionEnded: false
    }
  }
}

extension ScopeRefusal.Name {
  public var isToldToDevelopers: Bool {
    switch self {
    case .malformed, .notRegistered, .widened, .resourceMalformed, .resourceUnknown: true
    }
  }
}

extension RefreshTokenRefusal.Name {
  public var isToldToDevelopers: Bool {
    switch self {
    // What is left after it is known whose the token is.
    case .malformed, .expired, .reused, .familyRevoked: true
    case .unknown, .clientMismatch: false
    }
  }
}

extension BearerRefusal.Name {
  public var isToldToDevelopers: Bool {
    switch self {
    case .headerAbsent, .schemeUnsupported, .inQueryNotAccepted, .repeated, .syntax, .typeWrong, .audienceMismatch,
      .notYetValid, .expired, .revokedByClient, .revokedByPerson, .revokedByContainment, .clientDisabled:
      true
    case .formatUnrecognised, .unknown, .algorithmRejected, .keyUnknown, .signatureInvalid, .issuerUntrusted,
      .criticalHeader, .claimMissing, .revokedByOperator:
      false
    }
  }
}

extension PolicyRefusal.Name {
  public var isToldToDevelopers: Bool {
    switch self {
    case .scopeMissing, .resourceNotGranted: true
    case .privilegeMissing: false
    }
  }
}

extension RouteRefusal.Name {
  public var isToldToDevelopers: Bool {
    switch self {
    case .unknown: true
    }
  }
}

extension UpstreamRefusal.Name {
  public var isToldToDevelopers: Bool {
    switch self {
    case .connect, .responseInvalid, .timeout: false
    }
  }
}

extension ServiceRefusal.Name {
  public var isToldToDevelopers: Bool {
    switch self {
    case .storageUnavailable, .storageReadOnly, .storageFull, .storageDamaged, .storageContended, .signingKeyAbsent,
      .fault:
      false
    }
  }
}

extension ConfigurationRefusal.Name {
  public var isToldToDevelopers: Bool {
    switch self {
    case .unreadable, .syntax, .keyUnknown, .keyMissing, .valueInvalid, .contractSlotUnknown, .contractCaseMissing,
      .contractCaseRepeated, .contractStatusInvalid, .routeConflict, .listenFailed:
      false
    }
  }
}

extension SilentRefusal.Name {
  public var isToldToDevelopers: Bool {
    switch self {
    case .provocationOnLive, .provocationUnproven: true
    case .introspectedTokenRefused, .introspectedRefreshTokenRefused, .introspectionNotEntitled,
      .revocationTokenUnknown, .revocationNotOwner:
      false
    }
  }
}

extension DocumentationRefusal.Name {
  public var isToldToDevelopers: Bool {
    switch self {
    case .topicUnknown, .topicMalformed, .traceUnknown: true
    }
  }
}

extension AuthorizationRefusal.Name {
  public var isToldToDevelopers: Bool {
    switch self {
    case .clientDisabled, .redirectURIUnregistered, .redirectURIMissing, .parameterMissing, .parameterRepeated,
      .parameterInvalid, .responseTypeUnknown, .grantNotRegistered, .challengeMissing, .challengeMethodRefused,
      .requestObjectSent, .requestURISent, .loginRequired, .consentRequired, .contextUnmet, .denied, .abandoned,
      .resourceAbsent, .resourceIncompatible, .subscriptionInactive, .applicationMisconfigured:
      true
    case .clientUnknown: false
    }
  }
}

extension SignInRefusal.Name {
  public var isToldToDevelopers: Bool {
    switch self {
    case .cookieAbsent, .logoutAddressUnregistered: true
    case .userUnknown, .passwordMismatch, .userDisabled, .throttled, .formTokenMismatch, .formExpired,
      .signedOutMeanwhile, .formAnswered:
      false
    }
  }
}
