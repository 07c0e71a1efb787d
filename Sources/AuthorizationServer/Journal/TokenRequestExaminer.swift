import Catalogue
import Dialects
import HTTPTypes
import JOSE
import OAuth
import Storage
import StrictJSON
import Vocabulary

/// The second look at a request at a token endpoint.
struct TokenRequestExaminer {
  let issuer: Issuer
  let contract: Contract
  let rule: TokenEndpointRule
  let api: ProtectedAPI?

  func examine(_ request: IncomingRequest, now: Instant, _ findings: inout Findings) async {
    var trail = Trail()
    guard request.method == "POST" else { return }
    let form: Form
    do throws(Refusal) { form = try RequestBody.form(request, allowed: rule.bodies, trail: &trail) } catch {
      let refusal = error
      findings.examination.check(
        trail.stoppedAt ?? .bodyRead, source: "contract \(contract.name): token endpoint"
      ) { () throws(Refusal) in throw refusal }
      bodyShape(request, &findings)
      return
    }
    findings.examination.check(.contentTypeRead) { () throws(Refusal) in }
    findings.examination.check(.bodyRead) { () throws(Refusal) in }
    let asked = TokenRequest(
      endpoint: rule, contract: contract, form: form, authorization: request.values(.authorization))
    let endpoint = TokenEndpoint(issuer: issuer, contract: contract, rule: rule, api: api)
    guard let facts = try? await endpoint.gather(asked) else {
      return findings.examination.skip(
        .clientAuthenticated, .grantFound, .scopeAllowed, because: "the store cannot be read")
    }
    findings.examination.tokenRequest(asked, facts, clients: issuer.snapshot.clients, now: now)
    await credentials(asked, facts, &findings)
    bodyShape(request, &findings)
    for odd in BasicHeader.oddities(request.values(.authorization)) { findings.examination.notice(odd) }
    if asked.form.parameters.isEmpty { findings.examination.notice("the body is empty") }
    let queried = request.target.form?.parameters.map(\.name) ?? []
    for name in queried where Examination.readAtTokenEndpoint.contains(name) {
      findings.examination.notice("`\(Excerpt(name))` stands in the query; the token endpoint reads the body")
    }
  }

  private func credentials(_ asked: TokenRequest, _ facts: TokenFacts, _ findings: inout Findings) async {
    let identity = CredentialIdentity(issuer: issuer)
    let fingerprint = Fingerprint(issuer)
    if let code = asked.authorizationCode {
      findings.examination.note("fingerprint", fingerprint.of(code.reveal()))
      if facts.code == nil {
        for notice in Examination.oddities(code.reveal()) { findings.examination.notice("code: " + notice) }
        for notice in await identity.notices(of: code.reveal(), wanted: .code) {
          findings.examination.notice("code: " + notice)
        }
      }
      findings.grant = facts.code?.record.grant
      findings.timeline = await Timeline(issuer: issuer).of(grant: facts.code?.record.grant, family: nil)
      if let endedAt = facts.sessionEndedAt {
        findings.timeline.append(["at": .string(endedAt.description), "event": "session ended"])
      }
      if let code = facts.code?.record, let usedAt = code.usedAt {
        var exchanged: [JSON.Member] = [
          .init("at", .string(usedAt.description)), .init("event", "code exchanged"),
          .init("client", .string(code.client.value)),
        ]
        if let trace = code.usedBy { exchanged.append(.init("trace", .string(trace.description))) }
        findings.timeline.append(.object(exchanged))
      }
      findings.timeline.sort { ($0["at"]?.string ?? "") < ($1["at"]?.string ?? "") }
    }
    if let token = asked.refreshToken {
      findings.examination.note("fingerprint", fingerprint.of(token.reveal()))
      if facts.refresh == nil {
        for notice in Examination.oddities(token.reveal()) { findings.examination.notice("refresh_token: " + notice) }
        findings.examination.signedOddities(token.reveal())
        for notice in await identity.notices(of: token.reveal(), wanted: .refreshToken) {
          findings.examination.notice("refresh_token: " + notice)
        }
      }
      findings.grant = facts.family?.record.grant
      // Where a refresh token speaks for its client, whoever develops that client is to see it.
      if asked.claimedClient == nil { findings.client = facts.family?.record.client }
      findings.timeline = await Timeline(issuer: issuer).of(
        grant: facts.family?.record.grant, family: facts.family?.record.id)
    }
  }

  /// What was sent instead of a form.
  private func bodyShape(_ request: IncomingRequest, _ findings: inout Findings) {
    let text = String(decoding: request.body.prefix(200), as: UTF8.self)
    if text.hasPrefix("{"), request.mediaType != "application/json" {
      findings.examination.notice("the body is JSON, whatever its Content-Type says")
    }
    if text.hasPrefix("{"), !rule.bodies.contains(.json) {
      findings.examination.notice(
        "this endpoint reads application/x-www-form-urlencoded (RFC 6749 Appendix B), not JSON")
    }
    if text.contains("grant_type="), request.mediaType != "application/x-www-form-urlencoded" {
      findings.examination.notice("the body looks like a form; its Content-Type does not say so")
    }
    if request.mediaType == "multipart/form-data" {
      findings.examination.notice("multipart/form-data is for uploads; token requests are form-encoded")
    }
  }
}

/// The second look at a request to introspect or revoke.
struct InspectionExaminer {
  let issuer: Issuer

  func examine(_ request: IncomingRequest, _ entry: JournalEntry, _ findings: inout Findings) async {
    let written = String(decoding: request.body.prefix(1), as: UTF8.self)
    if written == "{" {
      findings.examination.notice("the body is JSON; this endpoint reads a form (RFC 7662 §2.1, RFC 7009 §2.1)")
    }
    for name in request.target.form?.parameters.map(\.name) ?? [] where name == "token" {
      findings.examination.notice("`token` stands in the query, where it is logged; the endpoint reads the body")
    }
    guard let rule = issuer.contract.tokenEndpoints.first, let form = try? Form(decoding: request.body) else { return }
    let asked = TokenRequest(
      endpoint: rule, contract: issuer.contract, form: form, authorization: request.values(.authorization))
    let facts = TokenFacts(
      client: asked.claimedClient.flatMap(issuer.snapshot.client), subjects: issuer.subjects, apis: [],
      fixedAudience: nil, issuer: Audience(issuer.url))
    findings.examination.clientAuthentication(asked, facts, clients: issuer.snapshot.clients, now: entry.time)
    findings.examination.misspelled(form, known: Examination.readAtTokenEndpoint)
    guard let text = form["token"] else { return }
    findings.examination.note("fingerprint", Fingerprint(issuer).of(text))
    for notice in Examination.oddities(text) { findings.examination.notice("token: " + notice) }
    findings.examination.signedOddities(text)
    switch try? await TokenInspection(issuer: issuer).find(Secret(text), now: entry.time) {
    case .access(let facts): await tell(facts.client, facts.grant, facts.family, &findings)
    case .refresh(_, let family), .refusedRefresh(_, let family):
      await tell(family.record.client, family.record.grant, family.record.id, &findings)
    case .refusedAccess(let refusal, let facts):
      findings.actual = "\(refusal.name.rawValue): \(refusal.explanation.sentence)"
      if let facts { await tell(facts.client, facts.grant, facts.family, &findings) }
    case .unknown:
      for notice in await CredentialIdentity(issuer: issuer).notices(of: text, wanted: .accessToken) {
        findings.examination.notice("token: " + notice)
      }
    case nil: break
    }
  }

  private func tell(_ client: ClientID, _ grant: GrantID?, _ family: FamilyID?, _ findings: inout Findings) async {
    findings.examination.note("token_client", client.value)
    findings.grant = grant
    findings.timeline = await Timeline(issuer: issuer).of(grant: grant, family: family)
  }
}

/// What is odd about a client's Basic credentials, before anybody looks them up (RFC 7617 §2).
enum BasicHeader {
  static func oddities(_ values: [String]) -> [String] {
    guard let value = values.first, let space = value.firstIndex(of: " ") else { return [] }
    let text = value[value.index(after: space)...]
    if text.contains("\"") || text.contains("'") { return ["the Basic credentials stand in quotation marks"] }
    guard let bytes = Base64.decode(text.utf8) else {
      return text.contains(":") ? ["the Basic credentials are not encoded: base64 of id, colon, secret is meant"] : []
    }
    if !bytes.contains(UInt8(ascii: ":")), let again = Base64.decode(bytes), again.contains(UInt8(ascii: ":")) {
      return ["the Basic credentials are base64-encoded twice"]
    }
    return []
  }
}
