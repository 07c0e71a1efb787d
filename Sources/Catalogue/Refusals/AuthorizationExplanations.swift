import Vocabulary

/// The operator's words for refusals at the authorization endpoint. RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6.
extension AuthorizationRefusal {
  public var explanation: Explanation {
    switch self {
    case .clientUnknown(let echo):
      Explanation(
        "A browser was sent here by a client that is not registered \(echo).", expected: "a registered client_id",
        actual: "an unknown one \(echo)")
    case .clientDisabled(let client):
      Explanation(
        "A browser was sent here by client \(client), which is disabled.", expected: "an enabled client",
        actual: "\(client), disabled")
    case .redirectURIUnregistered(let seen, let client, let registered):
      Explanation(
        "Client \(client) asks to return to \(seen), which is not one of its redirect URIs.",
        expected: registered.isEmpty
          ? "(none is registered)" : registered.map { "\(Excerpt($0.value))" }.joined(separator: ", "),
        actual: "\(seen)")
    case .redirectURIMissing(let client, let registered):
      Explanation(
        "Client \(client) names no redirect URI and has \(registered) to choose from.",
        expected: "redirect_uri, one of the registered", actual: "none")
    case .parameterMissing(let name):
      Explanation("The authorization request has no \(name).", expected: "\(name)", actual: "nothing")
    case .parameterRepeated(let name):
      Explanation(
        "The authorization request has \(name) more than once (RFC 6749 §3.1).", expected: "\(name) once",
        actual: "\(name) twice or more")
    case .parameterInvalid(let name, let expected):
      Explanation(
        "The authorization request's \(name) has a value that cannot be used.", expected: "\(expected)",
        actual: "another value")
    case .responseTypeUnknown(let seen, let offered):
      Explanation(
        "The response type \(seen) is not offered.", expected: offered.map(\.description).joined(separator: " or "),
        actual: "\(seen)")
    case .grantNotRegistered(let client, let registered):
      Explanation(
        "Client \(client) is not registered for the authorization code grant.", expected: "authorization_code",
        actual: registered.isEmpty ? "(none)" : registered.map(\.rawValue).joined(separator: ", "))
    case .challengeMissing(let client):
      Explanation(
        "The public client \(client) sent no code_challenge (RFC 9700 §2.1.1).", expected: "code_challenge with S256",
        actual: "none")
    case .challengeMethodRefused(let seen):
      Explanation(
        "The code_challenge_method \(seen) is not accepted (RFC 9700 §2.1.1).", expected: "S256", actual: "\(seen)")
    case .requestObjectSent:
      Explanation(
        "The authorization request carries a request object, which this server does not read (RFC 9101 §5).",
        expected: "plain parameters", actual: "request")
    case .requestURISent:
      Explanation(
        "The authorization request carries a request_uri, which this server never fetches (RFC 9101 §5.2).",
        expected: "plain parameters", actual: "request_uri")
    case .loginRequired(let why):
      Explanation(
        "The person would have to sign in, and prompt=none allows no page: \(why).", expected: "a session in force",
        actual: "\(why)")
    case .consentRequired(let scopes):
      Explanation(
        "The person would have to consent to \(scopes), and prompt=none allows no page.",
        expected: "consent given before", actual: "none for \(scopes)")
    case .contextUnmet(let asked, let offered):
      Explanation(
        "The request makes an authentication context essential that cannot be reached here: \(asked).",
        expected: "\(offered)", actual: "\(asked)")
    case .denied(let client, let asked):
      Explanation(
        "The person was asked to share \(asked) with client \(client) and chose to deny it.",
        expected: "Allow access", actual: "Deny access")
    case .abandoned(let client):
      Explanation(
        "The person went back to client \(client) before deciding.", expected: "Allow access or Deny access",
        actual: "Back to application")
    case .resourceIncompatible:
      Explanation(
        "The account's resource is not compatible with what was asked for.", expected: "a compatible resource",
        actual: "the test account of an incompatible one")
    case .resourceAbsent(let identifier, let client):
      Explanation(
        "Client \(client) sent a person to sign in again for \(identifier), which their account does not have.",
        expected: "\(identifier) among the account's resources", actual: "an account without it")
    case .subscriptionInactive:
      Explanation(
        "The account has no active subscription.", expected: "an active subscription",
        actual: "the test account without one")
    case .applicationMisconfigured(let problem):
      // The problem is a sentence of the contract's, with or without its full stop.
      Explanation(
        "The application asked for something that its mode cannot have: \(problem.description.hasSuffix(".") ? "\(problem)" : "\(problem).")",
        expected: "a value of this mode",
        actual: problem.description)
    }
  }
}
