import Dialects
import OAuth
import Vocabulary

/// One authorization endpoint: the issuer's own, or that of an API's contract.
struct AuthorizationPlace {
  let contract: Contract
  let rule: AuthorizationRule
  let api: ProtectedAPI?
  /// The endpoint's path at the issuer's host.
  let path: String
  /// Set where people sign in again for one thing, and no code is given.
  var reauthentication: ReauthenticationRule?

  /// What a refusal's record looks at a second time.
  var occasion: Occasion.Kind {
    reauthentication.map { .reauthentication(contract, rule, $0, api) } ?? .authorization(contract, rule, api)
  }

  /// The endpoint at a path, with or without a slash at its end.
  static func at(_ path: String, _ issuer: Issuer) -> AuthorizationPlace? {
    let wanted = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    return all(issuer).first { $0.path == wanted }
  }

  static func all(_ issuer: Issuer) -> [AuthorizationPlace] {
    var places: [AuthorizationPlace] = []
    if let rule = issuer.contract.authorization {
      places.append(AuthorizationPlace(contract: issuer.contract, rule: rule, api: nil, path: rule.path))
    }
    for api in issuer.apis where api.contract.name != issuer.contract.name {
      guard let rule = api.contract.authorization else { continue }
      places.append(
        AuthorizationPlace(contract: api.contract, rule: rule, api: api, path: api.prefixPath + rule.path))
      guard let again = rule.reauthentication, api.resources != nil else { continue }
      places.append(
        AuthorizationPlace(
          contract: api.contract, rule: rule, api: api, path: api.prefixPath + again.path, reauthentication: again))
    }
    return places
  }
}
