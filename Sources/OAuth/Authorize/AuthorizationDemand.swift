public import Catalogue
import Dialects
public import Vocabulary

/// What a proven request asks for, judged (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1).
public struct AuthorizationDemand: Sendable {
  public enum Prompt: String, CaseIterable, Sendable {
    case none, login, consent
    case selectAccount = "select_account"
  }

  public let proven: ProvenRequest
  public let scopes: Scopes
  /// Scopes that cannot be unticked, where the contract has a mark for them.
  public let lockedScopes: Scopes
  public let audience: [Audience]
  public let challenge: CodeChallenge?
  public let nonce: Nonce?
  public let prompts: Set<Prompt>
  public let maximumAge: Lifetime?
  public let loginHint: String?
  public let claims: ClaimsRequest
  /// Those of `scopes` that only `claims` asks for: wishes, for the lack of which nothing is refused.
  public let wishedScopes: Scopes

  /// What of it is granted when these are ticked: locked ones in any case.
  public func granted(_ ticked: Scopes) -> Scopes {
    Scopes(scopes.list.filter { ticked.contains($0) || lockedScopes.contains($0) || $0.name == "openid" })
  }

  public var isOpenID: Bool { scopes.list.contains { $0.name == "openid" } }
}

extension AuthorizationDemand {
  /// In bytes.
  static let stateLimit = 4096

  /// Refusals from here on are sent to the application.
  /// - Parameter offered: the one way to prove oneself that there is.
  public init(
    _ proven: ProvenRequest, apis: [TokenFacts.API], fixedAudience: Audience?, issuer: Audience,
    offered: AuthenticationContext
  ) throws(Refusal) {
    let request = proven.request
    let form = request.form
    let client = proven.client
    if let name = form.repeatedName(except: ["resource"]) {
      throw .authorization(.parameterRepeated(ParameterName(name)))
    }
    if form["request"] != nil { throw .authorization(.requestObjectSent) }
    if form["request_uri"] != nil { throw .authorization(.requestURISent) }
    guard let type = form["response_type"] else { throw .authorization(.parameterMissing("response_type")) }
    guard type == "code" else { throw .authorization(.responseTypeUnknown(Excerpt(type), offered: ["code"])) }
    if let mode = form["response_mode"], !request.rule.modes.contains(mode) {
      throw .authorization(
        .parameterInvalid("response_mode", expected: Excerpt(request.rule.modes.joined(separator: ", "))))
    }
    guard client.grants.contains(.authorizationCode) else {
      throw .authorization(.grantNotRegistered(client: client.id, registered: client.grants))
    }
    challenge = try Self.challenge(form, client)
    let asked = try Self.scopes(form, request.rule, client)
    claims = try Self.claims(form, asked.all)
    try Self.checkContext(claims, offered)
    // What is asked for by name is asked of the person as the scope it belongs to: they see it, and may untick it.
    let wished = Scopes(claims.personClaims.compactMap(\.scope)).intersection(client.scopes)
    wishedScopes = wished.subtracting(asked.all)
    scopes = asked.all.union(wished)
    lockedScopes = asked.locked
    audience = try Self.audience(form, scopes, apis, fixedAudience, issuer)
    prompts = try Self.prompts(form, request.rule)
    maximumAge = try Self.maximumAge(form)
    if let text = form["nonce"], text.utf8.count > 1024 {
      throw .authorization(.parameterInvalid("nonce", expected: "at most 1024 bytes"))
    }
    if let text = form["state"], text.utf8.count > Self.stateLimit {
      throw .authorization(.parameterInvalid("state", expected: "at most 4096 bytes"))
    }
    nonce = form["nonce"].map(Nonce.init)
    loginHint = form["login_hint"]
    self.proven = proven
  }

  /// Without openid there is neither ID token nor userinfo, so nothing is asked for (OpenID Connect Core §5.5).
  static func claims(_ form: Form, _ scopes: Scopes) throws(Refusal) -> ClaimsRequest {
    let claims = try ClaimsRequest(parsing: form["claims"])
    return scopes.list.contains { $0.name == "openid" } ? claims : .none
  }

  /// OpenID Connect Core §5.5.1.1.
  static func checkContext(_ claims: ClaimsRequest, _ offered: AuthenticationContext) throws(Refusal) {
    guard let contexts = claims.essentialContexts, !contexts.contains(offered.acr) else { return }
    throw .authorization(.contextUnmet(Excerpt(contexts.joined(separator: " ")), offered: Excerpt(offered.acr)))
  }

  /// S256 only; a public client must prove itself so (RFC 7636 §4.2, RFC 9700 §2.1.1).
  static func challenge(_ form: Form, _ client: Client) throws(Refusal) -> CodeChallenge? {
    guard let challenge = form["code_challenge"] else {
      if client.isPublic { throw .authorization(.challengeMissing(client: client.id)) }
      if form["code_challenge_method"] != nil { throw .authorization(.parameterMissing("code_challenge")) }
      return nil
    }
    let method = form["code_challenge_method"] ?? "plain"
    guard method == "S256" else { throw .authorization(.challengeMethodRefused(Excerpt(method))) }
    guard challenge.utf8.count == 43, challenge.utf8.allSatisfy(ProofKey.isUnreserved) else {
      throw .authorization(.parameterInvalid("code_challenge", expected: "43 base64url characters"))
    }
    return CodeChallenge(challenge)
  }

  static func scopes(
    _ form: Form, _ rule: AuthorizationRule, _ client: Client
  ) throws(Refusal) -> (all: Scopes, locked: Scopes) {
    guard let text = form["scope"] else { return (client.scopes, .none) }
    var all: [Scope] = []
    var locked: [Scope] = []
    for part in text.split(separator: " ") {
      let isLocked = rule.lockedScopePrefix.map { !$0.isEmpty && part.hasPrefix($0) } ?? false
      guard let scope = Scope(isLocked ? part.dropFirst(rule.lockedScopePrefix?.count ?? 0) : part) else {
        throw .scope(.malformed)
      }
      all.append(scope)
      if isLocked { locked.append(scope) }
    }
    let scopes = Scopes(all)
    if scopes.isEmpty { return (client.scopes, .none) }
    guard scopes.isSubset(of: client.scopes) else {
      throw .scope(.notRegistered(scopes.subtracting(client.scopes), client: client.id, registered: client.scopes))
    }
    return (scopes, Scopes(locked))
  }

  /// Whom the token will be for: the endpoint's own API, the resources named (RFC 8707 §2.1), or every API that
  /// knows one of the scopes.
  static func audience(
    _ form: Form, _ scopes: Scopes, _ apis: [TokenFacts.API], _ fixed: Audience?, _ issuer: Audience
  ) throws(Refusal) -> [Audience] {
    var asked: [String] = []
    for name in form.values(of: "resource") where !name.isEmpty && !asked.contains(name) { asked.append(name) }
    let known = fixed.map { [$0] } ?? apis.map(\.audience)
    for resource in asked where !known.contains(Audience(resource)) {
      throw .scope(.resourceUnknown(Excerpt(resource), known: known.map { Excerpt($0.value) }))
    }
    if let fixed { return [fixed] }
    if !asked.isEmpty { return asked.map(Audience.init) }
    let matching = apis.filter { !$0.scopes.intersection(scopes).isEmpty }.map(\.audience)
    return matching.isEmpty ? [issuer] : matching
  }

  static func prompts(_ form: Form, _ rule: AuthorizationRule) throws(Refusal) -> Set<Prompt> {
    var prompts: Set<Prompt> = []
    for name in (form["prompt"] ?? "").split(separator: " ") {
      guard let prompt = Prompt(rawValue: String(name)) else {
        throw .authorization(.parameterInvalid("prompt", expected: "none, login, consent or select_account"))
      }
      prompts.insert(prompt)
    }
    if prompts.contains(.none), prompts.count > 1 {
      throw .authorization(.parameterInvalid("prompt", expected: "none alone (OpenID Connect Core 3.1.2.1)"))
    }
    if let name = rule.consentParameter, let value = rule.consentValue, form[name] == value { prompts.insert(.consent) }
    return prompts
  }

  static func maximumAge(_ form: Form) throws(Refusal) -> Lifetime? {
    guard let text = form["max_age"] else { return nil }
    guard let seconds = Int64(text), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let age = Lifetime(seconds: seconds)
    else { throw .authorization(.parameterInvalid("max_age", expected: "a number of seconds")) }
    return age
  }
}
