/// How a person proved who they are, as `acr` and `amr` say it (OpenID Connect Core §2, RFC 8176 §2). There is one way:
/// a password, over TLS where the issuer has it.
public struct AuthenticationContext: Equatable, Sendable {
  public let acr: String
  public let amr: [String]

  /// The classes of SAML 2.0 are what `acr` values are compared with most (OASIS saml-authn-context-2.0 §3.4).
  public static func password(encrypted: Bool) -> AuthenticationContext {
    AuthenticationContext(
      acr: "urn:oasis:names:tc:SAML:2.0:ac:classes:" + (encrypted ? "PasswordProtectedTransport" : "Password"),
      amr: ["pwd"])
  }
}
