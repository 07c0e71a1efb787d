import Catalogue
import Dialects
import HTTPTypes
import OAuth
import Storage
import StrictJSON
import Vocabulary

/// The second look at an access token that was presented, wherever it was.
struct PresentedTokenExaminer {
  let issuer: Issuer
  let contract: Contract
  /// Whom it must be for; `nil` where any token of ours is taken.
  let audience: Audience?
  /// Where the audience stands: a line of the configuration.
  let origin: String

  /// - Parameter query: where the contract reads a token from the query.
  /// - Returns: what the token says, even where its signature does not verify.
  func examine(
    _ request: IncomingRequest, _ query: Form?, _ now: Instant, _ findings: inout Findings
  ) async -> AccessTokenFacts? {
    elsewhere(request, query, &findings)
    let values = request.values(.authorization)
    let presented = try? PresentedToken.extract(contract.credential, authorization: values, query: query).token
    let identity = CredentialIdentity(issuer: issuer)
    var stored: AccessTokenRecord?
    if let presented {
      findings.examination.note("fingerprint", Fingerprint(issuer).of(presented.reveal()))
      stored = await identity.accessToken(presented)
    }
    let keys = issuer.snapshot.keys
    let seen = PresentedAccess(
      authorization: values, query: query, contract: contract,
      facts: VerificationFacts(
        issuer: issuer.url, audience: audience ?? Audience(issuer.url), keys: keys.published, stored: stored),
      isBound: audience != nil, origin: origin, retired: keys.formerly)
    let facts = findings.examination.accessToken(
      seen, standing: { issuer.snapshot.standing(of: $0) }, leeway: Lifetime(clamping: 5), now: now)
    if let presented, stored == nil, facts == nil || contract.accessToken.form != .jwt {
      for notice in await identity.notices(of: presented.reveal(), wanted: .accessToken) {
        findings.examination.notice(notice)
      }
    }
    // A grant is believed of a token that was issued here, not of what a text says of itself.
    let isGenuine =
      stored != nil || findings.examination.checks.contains { $0.checkpoint == .signatureValid && $0.outcome == .pass }
    if let facts, isGenuine {
      findings.grant = facts.grant
      findings.client = facts.client
      findings.examination.note("subject", Fingerprint(issuer).of("subject:" + facts.subject.value))
      findings.timeline = await Timeline(issuer: issuer).of(
        grant: facts.grant, family: facts.family, token: facts.id)
      findings.timeline.insert(
        [
          "at": .string(facts.issuedAt.description), "event": "access token issued",
          "client": .string(facts.client.value),
        ],
        at: 0)
    }
    return facts
  }

  /// Places where a credential was sent and is not read.
  private func elsewhere(_ request: IncomingRequest, _ query: Form?, _ findings: inout Findings) {
    if request.headers[.authorization] == nil {
      for name in ["X-Forwarded-Authorization", "X-Authorization", "Proxy-Authorization", "X-Original-Authorization"] {
        guard let field = HTTPField.Name(name), request.headers[field] != nil else { continue }
        findings.examination.notice("there is no Authorization header, but \(name): a proxy or the client put it there")
      }
      for name in ["X-API-Key", "X-Auth-Token", "X-Access-Token", "Api-Key", "Token", "Auth"] {
        guard let field = HTTPField.Name(name), request.headers[field] != nil else { continue }
        findings.examination.notice("there is no Authorization header, but \(name), which this API does not read")
      }
      if let cookie = request.headers[.cookie], cookie.contains("token=") {
        findings.examination.notice("a cookie is named like a token; this API reads no cookies")
      }
    }
    let known = contract.credential.queryParameter
    for parameter in query?.parameters ?? [] where parameter.name != known {
      if ["access_token", "token", "api_key", "apikey", "auth", "jwt"].contains(parameter.name.lowercased()) {
        findings.examination.notice("the query has `\(Excerpt(parameter.name))`, where this API reads no token")
      } else if let known, Spelling.nearest(to: parameter.name, among: [known]) != nil {
        findings.examination.notice("the query has `\(Excerpt(parameter.name))`, which resembles `\(known)`")
      }
    }
  }
}

/// The second look at a request to UserInfo (OpenID Connect Core §5.3).
struct UserInfoExaminer {
  let issuer: Issuer

  func examine(_ request: IncomingRequest, now: Instant, _ findings: inout Findings) async {
    let facts = await PresentedTokenExaminer(issuer: issuer, contract: issuer.contract, audience: nil, origin: "")
      .examine(request, request.target.form, now, &findings)
    guard let facts else {
      return findings.examination.skip(.scopeSufficient, because: "the token says nothing that can be read")
    }
    let source = "OpenID Connect Core §5.3.1"
    findings.examination.check(.scopeSufficient, source: source, shows: facts.scopes.description) {
      () throws(Refusal) in try UserInfoEndpoint.checkScope(facts)
    }
    findings.examination.resemblesScopes(UserInfoEndpoint.scope, held: facts.scopes)
  }
}
