/// How a client proves who it is (OpenID Connect Core §9, RFC 7591 §2). Closed.
public enum ClientAuthenticationMethod: String, CaseIterable, Sendable {
  case basic = "client_secret_basic"
  case post = "client_secret_post"
  /// A public client: it has no secret (RFC 6749 §2.1).
  case none = "none"
}
