import Catalogue
import Dialects
import JOSE
import OAuth
import StrictJSON
import Vocabulary

/// What the server says of itself, which is exactly what is true: RFC 8414 §3.2, OpenID Connect Discovery §4.2,
/// RFC 9728 §3.2, RFC 7517 §5.
struct MetadataEndpoint {
  let issuer: Issuer

  var authorizationServer: JSON {
    let methods: JSON = ["client_secret_basic", "client_secret_post", "none"]
    return [
      "issuer": .string(issuer.url), "authorization_endpoint": .string(issuer.url + "/oauth/authorize"),
      "token_endpoint": .string(issuer.url + "/oauth/token"),
      "jwks_uri": .string(issuer.url + "/oauth/jwks"),
      "introspection_endpoint": .string(issuer.url + "/oauth/introspect"),
      "revocation_endpoint": .string(issuer.url + "/oauth/revoke"),
      "scopes_supported": .array(scopes.list.map { .string($0.name) }), "response_types_supported": ["code"],
      "response_modes_supported": ["query", "fragment", "form_post"],
      "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
      "subject_types_supported": .array(SubjectType.allCases.map { .string($0.rawValue) }),
      "userinfo_endpoint": .string(issuer.url + "/oauth/userinfo"),
      "end_session_endpoint": .string(issuer.url + "/oauth/logout"),
      "prompt_values_supported": ["none", "login", "consent", "select_account"],
      "claims_supported": [
        "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "acr", "amr", "sid", "email",
        "preferred_username",
      ],
      "request_parameter_supported": false, "request_uri_parameter_supported": false,
      "claims_parameter_supported": true,
      "acr_values_supported": [.string(issuer.authenticationContext.acr)],
      "backchannel_logout_supported": true, "backchannel_logout_session_supported": true,
      "id_token_signing_alg_values_supported": ["RS256"],
      "token_endpoint_auth_methods_supported": methods,
      // A public client may not ask about tokens (RFC 7662 §2.1).
      "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
      "revocation_endpoint_auth_methods_supported": methods, "code_challenge_methods_supported": ["S256"],
      "authorization_response_iss_parameter_supported": true, "service_documentation": .string(issuer.url + "/errors"),
    ]
  }

  func protectedResource(_ api: ProtectedAPI) -> JSON {
    [
      "resource": .string(api.audience.value), "authorization_servers": [.string(issuer.url)],
      "scopes_supported": .array(api.scopes.list.map { .string($0.name) }),
      "bearer_methods_supported": api.contract.credential.queryParameter == nil ? ["header"] : ["header", "query"],
      "resource_documentation": .string(issuer.url + "/errors"),
    ]
  }

  var keys: JSON { issuer.snapshot.keys.published.json }

  private var scopes: Scopes {
    (Scopes(parsing: "openid profile email offline_access") ?? .none).union(
      issuer.apis.reduce(Scopes.none) { $0.union($1.scopes) })
  }
}
