import Catalogue
import Dialects
import HTTPTypes
import OAuth
import StrictJSON
import Vocabulary

/// `POST /oauth/introspect` (RFC 7662). It writes nothing. Who is not entitled, and whatever is wrong with a token,
/// gets `{"active":false}` and nothing else; the journal knows why.
struct IntrospectionEndpoint {
  let issuer: Issuer

  func respond(to request: IncomingRequest) async -> OutgoingAnswer {
    var trail = Trail()
    var isProvoked = false
    do throws(Refusal) {
      let (client, token) = try read(request, &trail, &isProvoked)
      return describe(try await TokenInspection(issuer: issuer).find(token, now: Clock.now), request, client, trail)
    } catch {
      if case .silent(let refusal) = error { return inactive(refusal, request, nil, trail, isProvoked: isProvoked) }
      if !isProvoked { issuer.provoker.noteUnproven(request, refused: error, .token) }
      return issuer.refuse(
        error, trail: trail, request, place: .token, kind: .inspection, isProvoked: isProvoked)
    }
  }

  /// The answer where nothing must be waited for; `nil` otherwise.
  func respondNow(to request: IncomingRequest) -> OutgoingAnswer? {
    if Provoker.isAsked(request.headers) { return nil }
    var trail = Trail()
    var isProvoked = false
    do throws(Refusal) {
      let (client, token) = try read(request, &trail, &isProvoked)
      return try TokenInspection(issuer: issuer).findNow(token, now: Clock.now).map {
        describe($0, request, client, trail)
      }
    } catch {
      return issuer.refuse(error, trail: trail, request, place: .token, kind: .inspection)
    }
  }

  private func read(
    _ request: IncomingRequest, _ trail: inout Trail, _ isProvoked: inout Bool
  ) throws(Refusal) -> (Client, Secret) {
    let (client, token) = try ClientRequest.read(
      request, issuer: issuer, parameter: "token", at: .introspection, trail: &trail, isProvoked: &isProvoked)
    // Naming oneself is no authorization to ask (RFC 7662 §2.1).
    guard !client.isPublic else { throw .client(.absent(missing: "client_secret")) }
    return (client, token)
  }

  private func describe(
    _ finding: TokenInspection.Finding, _ request: IncomingRequest, _ client: Client, _ trail: Trail
  ) -> OutgoingAnswer {
    switch finding {
    case .access(let facts) where isEntitled(client, to: facts): return .json(describe(facts).bytes)
    case .access(let facts):
      return inactive(.introspectionNotEntitled(asker: client.id, holder: facts.client), request, client, trail)
    case .refresh(_, let family) where issuer.snapshot.client(family.record.client)?.isDisabled != false:
      return inactive(.introspectedTokenRefused(.clientDisabled), request, client, trail)
    case .refresh(let record, let family) where family.record.client == client.id || client.introspectsAll:
      return .json(describe(record, family.record).bytes)
    case .refresh(_, let family):
      return inactive(
        .introspectionNotEntitled(asker: client.id, holder: family.record.client), request, client, trail)
    case .refusedAccess(let refusal, _):
      return inactive(.introspectedTokenRefused(refusal.name), request, client, trail)
    case .refusedRefresh(let refusal, _):
      return inactive(.introspectedRefreshTokenRefused(refusal.name), request, client, trail)
    case .unknown: return inactive(.introspectedTokenRefused(.unknown), request, client, trail)
    }
  }

  /// Its own tokens, and tokens meant for it (RFC 7662 §4).
  private func isEntitled(_ client: Client, to facts: AccessTokenFacts) -> Bool {
    client.introspectsAll || facts.client == client.id || facts.audience.contains(Audience(client.id.value))
  }

  private func inactive(
    _ refusal: SilentRefusal, _ request: IncomingRequest, _ client: Client?, _ trail: Trail, isProvoked: Bool = false
  ) -> OutgoingAnswer {
    ClientRequest.record(refusal, request, client, trail, isProvoked, issuer)
    var answer = OutgoingAnswer.json(Array(#"{"active":false}"#.utf8))
    answer.markProvoked(isProvoked, .silent(refusal))
    return answer
  }

  private func describe(_ facts: AccessTokenFacts) -> JSON {
    var members: [JSON.Member] = [.init("active", true), .init("token_type", "Bearer")]
    members += facts.claims(issuer: issuer.url).members ?? []
    return .object(members.filter { $0.name != "grant_id" && $0.name != "family_id" })
  }

  private func describe(_ record: RefreshTokenRecord, _ family: TokenFamily) -> JSON {
    // Of a client that is gone nobody can say what it called people.
    let name = issuer.name(of: family.subject, for: family.client)
    let subject = name.map { [JSON.Member("sub", .string($0.value))] } ?? []
    let rest: JSON = [
      "active": true, "token_type": "refresh_token", "client_id": .string(family.client.value),
      "scope": .string(family.scopes.description),
      "iat": .integer(family.createdAt.secondsSince1970), "exp": .integer(record.expiresAt.secondsSince1970),
      "iss": .string(issuer.url),
    ]
    return .object((rest.members ?? []) + subject)
  }
}

/// What introspection and revocation share: a form, an authenticated client, one parameter.
enum ClientRequest {
  static func read(
    _ request: IncomingRequest, issuer: Issuer, parameter: String, at spot: ProvocationFacts.Spot,
    trail: inout Trail, isProvoked: inout Bool
  ) throws(Refusal) -> (Client, Secret) {
    guard request.method == "POST" else {
      throw .request(.methodNotAllowed(seen: Excerpt(request.method), allowed: ["POST"]))
    }
    let form = try RequestBody.form(request, allowed: [.form], trail: &trail)
    try trail.check(.parametersOnce) { () throws(Refusal) in
      if let name = form.repeatedName() { throw .request(.tokenParameterRepeated(ParameterName(name))) }
    }
    let credentials = try ClientCredentials(authorization: request.values(.authorization), form: form)
    let client = try ClientAuthentication.verify(
      credentials, client: credentials.client.flatMap(issuer.snapshot.client), now: Clock.now, trail: &trail)
    if !client.isPublic {
      try issuer.provoker.honour(request, isProvoked: &isProvoked) {
        var facts = ProvocationFacts(spot, issuer.contract, client: client.id)
        facts.form = form
        facts.target = request.target
        facts.method = request.method
        return facts
      }
    }
    let token = try trail.check(.grantPresented) { () throws(Refusal) -> Secret in
      guard let token = form[parameter] else { throw .request(.tokenParameterMissing(ParameterName(parameter))) }
      return Secret(token)
    }
    return (client, token)
  }

  /// A refusal that looks like success.
  static func record(
    _ refusal: SilentRefusal, _ request: IncomingRequest, _ client: Client?, _ trail: Trail, _ isProvoked: Bool,
    _ issuer: Issuer
  ) {
    let body = refusal.name.code == .introspectionInactive ? Array(#"{"active":false}"#.utf8) : []
    var entry = JournalEntry(
      trace: request.trace, time: Clock.now, refusal: .silent(refusal), trail: trail, method: request.method,
      route: request.target.path, contract: issuer.contract.name, place: .token, client: client?.id,
      answer: WireRefusal(status: 200, headers: [], body: body),
      occasion: Occasion(request, .inspection))
    entry.isClientPublic = client?.isPublic ?? false
    entry.isProvoked = isProvoked
    issuer.journal.record(entry)
  }
}
