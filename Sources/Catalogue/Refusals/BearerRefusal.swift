import StrictJSON
public import Vocabulary

/// Refusals of a token presented at an API. RFC 6750 §2, §3.1; RFC 9068 §4; RFC 8725.
public enum BearerRefusal: RefusalArea {
  case headerAbsent(accepted: [Excerpt])
  case schemeUnsupported(Excerpt, accepted: [Excerpt])
  case inQueryNotAccepted(accepted: [Excerpt])
  case repeated(locations: [Excerpt])
  case syntax(Excerpt)
  case formatUnrecognised(Excerpt, expected: Excerpt)
  case unknown
  case algorithmRejected(Excerpt, allowed: [Excerpt])
  case keyUnknown(Excerpt, known: [KeyID])
  case signatureInvalid(KeyID)
  case typeWrong(Excerpt, expected: Excerpt)
  case issuerUntrusted(Excerpt, trusted: Excerpt)
  case criticalHeader([Excerpt])
  case claimMissing(ParameterName)
  case audienceMismatch([Excerpt], expected: Excerpt)
  case notYetValid(until: Instant, now: Instant)
  case expired(at: Instant, now: Instant)
  case revokedByClient(at: Instant)
  case revokedByOperator(at: Instant)
  case revokedByPerson(at: Instant)
  /// Without a family where a code was used twice.
  case revokedByContainment(family: FamilyID?, at: Instant)
  case clientDisabled(ClientID)

  public enum Name: String, ReasonName {
    case headerAbsent = "authorization_header_absent"
    case schemeUnsupported = "authorization_scheme_unsupported"
    case inQueryNotAccepted = "token_in_query_not_accepted"
    case repeated = "credentials_repeated"
    case syntax = "authorization_syntax"
    case formatUnrecognised = "token_format_unrecognised"
    case unknown = "token_unknown"
    case algorithmRejected = "token_algorithm_rejected"
    case keyUnknown = "token_key_unknown"
    case signatureInvalid = "token_signature_invalid"
    case typeWrong = "token_type_wrong"
    case issuerUntrusted = "token_issuer_untrusted"
    case criticalHeader = "token_critical_header"
    case claimMissing = "token_claim_missing"
    case audienceMismatch = "token_audience_mismatch"
    case notYetValid = "token_not_yet_valid"
    case expired = "token_expired"
    case revokedByClient = "token_revoked_by_client"
    case revokedByOperator = "token_revoked_by_operator"
    case revokedByPerson = "token_revoked_by_person"
    case revokedByContainment = "token_revoked_by_containment"
    case clientDisabled = "token_client_disabled"

    public var code: Code {
      switch self {
      case .headerAbsent, .schemeUnsupported, .inQueryNotAccepted: .credentialsMissing
      case .repeated, .syntax: .credentialsMalformed
      case .formatUnrecognised: .accessTokenMalformed
      case .unknown, .algorithmRejected, .keyUnknown, .signatureInvalid, .typeWrong, .issuerUntrusted, .criticalHeader,
        .claimMissing, .clientDisabled:
        .accessTokenInvalid
      case .audienceMismatch: .accessTokenAudienceMismatch
      case .notYetValid: .accessTokenNotYetValid
      case .expired: .accessTokenExpired
      case .revokedByClient, .revokedByOperator, .revokedByPerson, .revokedByContainment: .accessTokenRevoked
      }
    }
  }

  public var name: Name {
    switch self {
    case .headerAbsent: .headerAbsent
    case .schemeUnsupported: .schemeUnsupported
    case .inQueryNotAccepted: .inQueryNotAccepted
    case .repeated: .repeated
    case .syntax: .syntax
    case .formatUnrecognised: .formatUnrecognised
    case .unknown: .unknown
    case .algorithmRejected: .algorithmRejected
    case .keyUnknown: .keyUnknown
    case .signatureInvalid: .signatureInvalid
    case .typeWrong: .typeWrong
    case .issuerUntrusted: .issuerUntrusted
    case .criticalHeader: .criticalHeader
    case .claimMissing: .claimMissing
    case .audienceMismatch: .audienceMismatch
    case .notYetValid: .notYetValid
    case .expired: .expired
    case .revokedByClient: .revokedByClient
    case .revokedByOperator: .revokedByOperator
    case .revokedByPerson: .revokedByPerson
    case .revokedByContainment: .revokedByContainment
    case .clientDisabled: .clientDisabled
    }
  }

  /// Whether a credential was presented: without one the challenge names no error (RFC 6750 §3.1).
  public var credentialPresented: Bool { name.code != .credentialsMissing }
}
