/// The registered `error` values this server sends (IANA "OAuth Extensions Error", RFC 6749 §5.2, RFC 6750 §3.1).
public enum OAuthError: String, CaseIterable, Sendable {
  case invalidRequest = "invalid_request"
  case invalidClient = "invalid_client"
  case invalidGrant = "invalid_grant"
  case unauthorizedClient = "unauthorized_client"
  case unsupportedGrantType = "unsupported_grant_type"
  case invalidScope = "invalid_scope"
  case invalidTarget = "invalid_target"
  case invalidToken = "invalid_token"
  case insufficientScope = "insufficient_scope"
  case serverError = "server_error"
  case temporarilyUnavailable = "temporarily_unavailable"
}
