import Catalogue
import Dialects
public import Vocabulary

extension Examination {
  /// Every check of a token request, each by itself (RFC 6749 §3.2, §4, §5.2, §6; RFC 7636 §4.6).
  /// - Parameter clients: every registered client, for what is nearly one of them.
  public mutating func tokenRequest(_ request: TokenRequest, _ facts: TokenFacts, clients: [Client], now: Instant) {
    check(.parametersOnce, source: "RFC 6749 §3.2") { () throws(Refusal) in
      if let name = request.form.repeatedName(except: ["resource", "audience"]) {
        throw .request(.tokenParameterRepeated(ParameterName(name)))
      }
    }
    misspelled(request.form, known: Self.readAtTokenEndpoint)
    let client = clientAuthentication(request, facts, clients: clients, now: now)
    let type = check(.grantTypeKnown, source: "contract \(request.contract.name): token endpoint") {
      () throws(Refusal) in try Token.grantType(request)
    }
    if type == nil, let name = request.form["grant_type"] {
      notice(Resemblance.placeholder(name).map { "grant_type: " + $0 })
      notice(
        Resemblance.among(name, request.endpoint.grants.map(\.rawValue), "the grant type").map { "grant_type " + $0 })
    }
    guard let type else {
      skip(.grantTypeRegistered, .grantPresented, because: "the grant type is not known")
      return
    }
    note("grant_type", type.rawValue)
    if let client {
      check(.grantTypeRegistered, source: "registration of client \(client.id)") { () throws(Refusal) in
        guard client.grants.contains(type) else {
          throw .grant(.typeNotRegistered(type, client: client.id, registered: client.grants))
        }
      }
    }
    switch type {
    case .clientCredentials: clientCredentials(request, facts, client)
    case .refreshToken: refresh(request, facts, client, now)
    case .authorizationCode: exchange(request, facts, client, now)
    }
  }

  /// What a token endpoint, introspection and revocation read.
  public static let readAtTokenEndpoint = [
    "grant_type", "code", "redirect_uri", "client_id", "client_secret", "code_verifier", "refresh_token", "scope",
    "resource", "audience", "token", "token_type_hint",
  ]

  /// A parameter that is nearly one that is read.
  public mutating func misspelled(_ form: Form, known: [String]) {
    for name in form.parameters.map(\.name) where !known.contains(name) && name.utf8.count <= 40 {
      if let near = Resemblance.among(name, known, "the parameter") { notice("`\(Excerpt(name))` " + near) }
    }
  }

  /// The client named, whether or not it proved itself: later checks are held against its registration.
  @discardableResult
  public mutating func clientAuthentication(
    _ request: TokenRequest, _ facts: TokenFacts, clients: [Client], now: Instant
  ) -> Client? {
    let credentials: ClientCredentials
    do throws(Refusal) { credentials = try request.credentials.get() } catch {
      let refusal = error
      check(.clientPresented, source: "RFC 6749 §2.3.1") { () throws(Refusal) in throw refusal }
      return facts.client
    }
    if request.endpoint.optionalClient, case .absent = credentials {
      skip(.clientPresented, because: "this endpoint lets a refresh token speak for its client")
      return facts.familyClient
    }
    note("client_id", credentials.client?.value)
    note("client_authentication", credentials.method.rawValue)
    var trail = Trail()
    do throws(Refusal) {
      let client = try ClientAuthentication.verify(credentials, client: facts.client, now: now, trail: &trail)
      append(ExaminedCheck(.clientPresented, .pass))
      append(
        ExaminedCheck(
          .clientAuthenticated, .pass, actual: "\(Excerpt(client.id.value)) by \(credentials.method.rawValue)"))
      append(ExaminedCheck(.clientMethodRegistered, .pass))
      return client
    } catch {
      let refusal = error
      for passed in trail.passed { append(ExaminedCheck(passed, .pass)) }
      let id = credentials.client.map { "registration of client \(Excerpt($0.value))" } ?? "RFC 6749 §2.3"
      check(trail.stoppedAt ?? .clientAuthenticated, source: id) { () throws(Refusal) in throw refusal }
    }
    switch credentials {
    case .basic(let id, let secret), .post(let id, let secret):
      for words in SecretResemblance.client(id.value, secret, facts.client, others: clients, now: now) { notice(words) }
    case .named(let id):
      if facts.client == nil {
        notice(Resemblance.among(id.value, clients.map(\.id.value), "the id").map { "client_id " + $0 })
      } else if let client = facts.client, !client.isPublic {
        notice("client \(client.id) is confidential: it has to send its secret")
      }
    case .absent: break
    }
    if let client = facts.client, !client.methods.contains(credentials.method) {
      check(.clientMethodRegistered, source: "registration of client \(client.id)") { () throws(Refusal) in
        throw .client(.methodNotRegistered(client.id, used: credentials.method, registered: client.methods))
      }
    }
    return facts.client
  }

  private mutating func clientCredentials(_ request: TokenRequest, _ facts: TokenFacts, _ client: Client?) {
    guard let client else { return skip(.scopeAllowed, because: "the client is not known") }
    scopes(request, within: client.scopes, source: "registration of client \(client.id)") {
      .scope(.notRegistered($0, client: client.id, registered: client.scopes))
    }
    check(.resourceKnown, source: "configured APIs") { () throws(Refusal) in
      _ = try Token.audience(request, facts, scopes: client.scopes)
    }
    resources(request.form, facts)
  }

  private mutating func scopes(
    _ request: TokenRequest, within allowed: Scopes, source: String, _ refusal: (Scopes) -> Refusal
  ) {
    check(.scopeAllowed, source: source, shows: request.form["scope"] ?? allowed.description) { () throws(Refusal) in
      let asked = try Token.scopes(request, within: allowed)
      guard asked.isSubset(of: allowed) else { throw refusal(asked.subtracting(allowed)) }
      return asked
    }
    resemblesScope(request.form["scope"], allowed)
  }

  mutating func resemblesScope(_ text: String?, _ allowed: Scopes) {
    guard let text else { return }
    let names = allowed.list.map(\.name)
    if text.contains("+") {
      notice("scopes are joined by a plus sign that was itself encoded; a space is meant (RFC 6749 §3.3)")
    }
    if text.contains("\"") || text.contains("'") { notice("there are quotation marks in the scope") }
    if text.contains(",") { notice("scopes are separated by commas; spaces are meant (RFC 6749 §3.3)") }
    for part in text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "+" }) where !names.contains(String(part))
    {
      notice(Resemblance.among(String(part), names, "the scope").map { "scope `\(Excerpt(part))` " + $0 })
    }
  }

  mutating func resources(_ form: Form, _ facts: TokenFacts) {
    let known = facts.apis.map(\.audience.value) + (facts.fixedAudience.map { [$0.value] } ?? [])
    for asked in form.values(of: "resource") where !asked.isEmpty && !known.contains(asked) {
      notice(Resemblance.among(asked, known, "the API").map { "resource " + $0 })
    }
  }

  private mutating func refresh(_ request: TokenRequest, _ facts: TokenFacts, _ client: Client?, _ now: Instant) {
    guard let rule = request.contract.refreshToken else { return }
    let contract = "contract \(request.contract.name): refresh_token"
    let presented = check(.grantPresented, source: contract) { () throws(Refusal) in
      try RefreshTokenGrant.read(request, rule)
    }
    if let family = facts.family?.record, family.contract != Excerpt(request.contract.name) {
      notice(
        "it is a refresh token of the contract \(family.contract), presented at the endpoint of \(request.contract.name)"
      )
    }
    if presented?.isEmpty ?? true {
      return skip(
        .grantFound, .grantHeldByClient, .grantInForce, .grantCurrent,
        because: "there is no refresh token that could be looked up")
    }
    let found = check(.grantFound, source: "the store") { () throws(Refusal) in
      try RefreshTokenGrant.checkKnown(request, facts)
    }
    guard let (record, versioned) = found else {
      return skip(.grantHeldByClient, .grantInForce, .grantCurrent, because: "the refresh token is not known")
    }
    let family = versioned.record
    note("grant", family.grant.value)
    note("family", family.id.value)
    check(.grantHeldByClient, source: "token family \(family.id)") { () throws(Refusal) in
      _ = try RefreshTokenGrant.checkHolder(family, client ?? facts.familyClient)
    }
    check(.grantInForce, source: "token family \(family.id)") { () throws(Refusal) in
      try RefreshTokenGrant.checkInForce(versioned, facts, now)
    }
    check(.grantCurrent, source: contract + ".grace", shows: "generation \(record.generation)") {
      () throws(Refusal) in
      try RefreshTokenGrant.checkCurrent(record, family, grace: rule.grace, now: now)
    }
    check(.scopeAllowed, source: "grant \(family.grant)") { () throws(Refusal) in
      _ = try RefreshTokenGrant.checkScopes(request, family)
    }
    resemblesScope(request.form["scope"], family.scopes)
    check(.resourceKnown, source: "grant \(family.grant)") { () throws(Refusal) in
      _ = try RefreshTokenGrant.narrowed(family.audience, request.form.values(of: "resource").filter { !$0.isEmpty })
    }
    resources(request.form, facts)
  }
}
