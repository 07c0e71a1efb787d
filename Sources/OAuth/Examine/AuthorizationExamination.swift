import Catalogue
import Dialects
public import Vocabulary

extension Examination {
  /// Every check of an authorization request, each by itself (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1).
  public mutating func authorization(
    _ request: AuthorizationRequest, client: Client?, clients: [Client], apis: [TokenFacts.API],
    fixedAudience: Audience?, issuer: Audience, offered: AuthenticationContext
  ) {
    let form = request.form
    misspelled(form, known: Self.authorizationParameters + request.rule.clientParameters)
    note("client_id", request.claimedClient?.value)
    for name in ["redirect_uri", "response_type", "response_mode", "scope", "prompt", "code_challenge_method"] {
      note(name, form[name])
    }
    if let type = form["response_type"], type != "code" {
      // `token` and `none` are response types of others.
      if !["token", "none"].contains(type) { notice(Resemblance.placeholder(type).map { "response_type: " + $0 }) }
      notice(Resemblance.between(type, "code", "the response type").map { "response_type " + $0 })
    }
    guard namesClientOnce(request) else { return }
    guard let client = proving(request, client, clients) else {
      return skip(.scopeAllowed, because: "the client is not known")
    }
    let registration = Self.registration(client)
    demand(request, client, registration)
    let scopes = check(.scopeAllowed, source: registration) { () throws(Refusal) in
      try AuthorizationDemand.scopes(form, request.rule, client).all
    }
    claims(form, scopes ?? .none, offered)
    resemblesScope(form["scope"], client.scopes)
    check(.resourceKnown, source: "configured APIs") { () throws(Refusal) in
      _ = try AuthorizationDemand.audience(form, .none, apis, fixedAudience, issuer)
    }
    for asked in form.values(of: "resource") where !asked.isEmpty {
      notice(Resemblance.among(asked, apis.map(\.audience.value), "the API").map { "resource " + $0 })
    }
  }

  static func registration(_ client: Client?) -> String { "registration of client \(Excerpt(client?.id.value ?? ""))" }

  /// Two names of a client are no name.
  mutating func namesClientOnce(_ request: AuthorizationRequest) -> Bool {
    guard request.rule.clientParameters.contains(where: { request.form.values(of: $0).count > 1 }) else { return true }
    check(.parametersOnce, source: "RFC 6749 §3.1") { () throws(Refusal) in
      throw .authorization(.clientUnknown(Echo(request.claimedClient?.value ?? "")))
    }
    return false
  }

  /// Who asks, and where the answer would go: what must be proven before anything is sent there.
  mutating func proving(_ request: AuthorizationRequest, _ client: Client?, _ clients: [Client]) -> Client? {
    let form = request.form
    check(.clientKnown, source: "registered clients") { () throws(Refusal) in
      guard let claimed = request.claimedClient, let client, client.id == claimed else {
        throw .authorization(.clientUnknown(Echo(request.claimedClient?.value ?? "")))
      }
      if client.isDisabled { throw .authorization(.clientDisabled(client.id)) }
    }
    if client == nil, let claimed = request.claimedClient?.value {
      notice(Resemblance.placeholder(claimed).map { "client_id: " + $0 })
      notice(Resemblance.among(claimed, clients.map(\.id.value), "the id").map { "client_id " + $0 })
      if let named = clients.first(where: { $0.name.description == claimed }) {
        notice("what came as client_id is the name of client \(named.id)")
      }
      let digest = TokenText.digest(Secret(claimed))
      if let owner = clients.first(where: { $0.secrets.contains { $0.digest == digest } }) {
        notice("what came as client_id is a client's secret, of \(owner.id): rotate it, browsers have seen it")
      }
    }
    guard let client else {
      skip(.redirectAddressRegistered, because: "the client is not known")
      return nil
    }
    if !client.isDisabled {
      check(.redirectAddressRegistered, source: Self.registration(client)) { () throws(Refusal) in
        _ = try request.prove(client: client)
      }
    }
    resemblesRegistered(form["redirect_uri"], client, clients)
    return client
  }

  private mutating func demand(_ request: AuthorizationRequest, _ client: Client, _ registration: String) {
    let form = request.form
    let contract = "contract \(request.contract.name): authorization"
    check(.parametersOnce, source: "RFC 6749 §3.1") { () throws(Refusal) in
      if let name = form.repeatedName(except: ["resource"]) {
        throw .authorization(.parameterRepeated(ParameterName(name)))
      }
    }
    check(.requestReadable, source: "RFC 9101 §5") { () throws(Refusal) in
      if form["request"] != nil { throw .authorization(.requestObjectSent) }
      if form["request_uri"] != nil { throw .authorization(.requestURISent) }
    }
    check(.responseTypeOffered, source: "RFC 6749 §3.1.1", shows: form["response_type"] ?? "") {
      () throws(Refusal) in
      guard let type = form["response_type"] else { throw .authorization(.parameterMissing("response_type")) }
      guard type == "code" else { throw .authorization(.responseTypeUnknown(Excerpt(type), offered: ["code"])) }
    }
    check(.responseModeOffered, source: contract) { () throws(Refusal) in
      if let mode = form["response_mode"], !request.rule.modes.contains(mode) {
        throw .authorization(
          .parameterInvalid("response_mode", expected: Excerpt(request.rule.modes.joined(separator: ", "))))
      }
    }
    check(.grantTypeRegistered, source: registration) { () throws(Refusal) in
      guard client.grants.contains(.authorizationCode) else {
        throw .authorization(.grantNotRegistered(client: client.id, registered: client.grants))
      }
    }
    check(.proofKeyOffered, source: client.isPublic ? "RFC 9700 §2.1.1" : "RFC 7636 §4.3") { () throws(Refusal) in
      _ = try AuthorizationDemand.challenge(form, client)
    }
    if let method = form["code_challenge_method"], method != "S256" {
      notice(Resemblance.between(method, "S256", "the method").map { "code_challenge_method " + $0 })
    }
    if let challenge = form["code_challenge"], challenge.utf8.count != 43 {
      notice(
        "code_challenge has \(challenge.utf8.count) characters; the base64url text of a SHA-256 has 43, without padding"
      )
    }
    check(.promptKnown, source: "OpenID Connect Core §3.1.2.1") { () throws(Refusal) in
      _ = try AuthorizationDemand.prompts(form, request.rule)
    }
    check(.maximumAgeKnown, source: "OpenID Connect Core §3.1.2.1") { () throws(Refusal) in
      _ = try AuthorizationDemand.maximumAge(form)
    }
  }

  private mutating func claims(_ form: Form, _ scopes: Scopes, _ offered: AuthenticationContext) {
    let claims = check(.claimsKnown, source: "OpenID Connect Core §5.5") { () throws(Refusal) in
      try AuthorizationDemand.claims(form, scopes)
    }
    guard let claims else { return skip(.contextReached, because: "claims cannot be read") }
    check(.contextReached, source: "OpenID Connect Core §5.5.1.1", shows: offered.acr) { () throws(Refusal) in
      try AuthorizationDemand.checkContext(claims, offered)
    }
  }

  static let authorizationParameters = [
    "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "response_mode", "prompt", "max_age",
    "login_hint", "acr_values", "ui_locales", "claims", "claims_locales", "display", "id_token_hint", "code_challenge",
    "code_challenge_method", "request", "request_uri", "resource", "registration", "authorization_details",
    "approval_prompt", "mode", "make", "single_select", "single_select_vin", "flags", "user", "external_id",
    "app_origin", "sdk_platform", "sdk_version", "application_id", "vehicle_id", "dpop_jkt",
  ]

  private mutating func resemblesRegistered(_ seen: String?, _ client: Client, _ clients: [Client]) {
    guard let seen, !seen.isEmpty, !client.redirectURIs.contains(where: { $0.value == seen }) else { return }
    notice(Resemblance.placeholder(seen).map { "redirect_uri: " + $0 })
    notice(
      Resemblance.among(seen, client.redirectURIs.map(\.value), "the registered URI").map { "redirect_uri " + $0 })
    let owners = clients.filter { $0.id != client.id && $0.redirectURIs.contains { $0.value == seen } }
    for owner in owners.prefix(3) {
      notice("redirect_uri is registered for client \(owner.id), not for \(client.id)")
    }
    do throws(RedirectURI.Fault) { _ = try RedirectURI(seen) } catch {
      notice("redirect_uri could not be registered at all: \(error.rawValue)")
    }
  }
}
