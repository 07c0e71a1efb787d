/// The grants this server knows (RFC 6749 §4, §6). Closed: what is not here is `unsupported_grant_type`.
public enum GrantType: String, CaseIterable, Sendable {
  case authorizationCode = "authorization_code"
  case clientCredentials = "client_credentials"
  case refreshToken = "refresh_token"
}
