import Catalogue
import Dialects
import HTTPTypes
import JOSE
import OAuth
import Storage
import StrictJSON
import Vocabulary

/// Looks at a refused request a second time, behind its answer: gathers what the checks need, runs each by itself,
/// and names what nearly fitted. It reads only.
public struct Examiner: Sendable {
  let issuer: Issuer

  public init(_ issuer: Issuer) { self.issuer = issuer }

  func examine(_ entry: JournalEntry) async -> Findings? {
    guard let occasion = entry.occasion else { return nil }
    var findings = Findings(
      clock: clock(entry), keys: keys(entry), release: issuer.version, isTestMode: issuer.isTestMode)
    findings.request = request(occasion, entry)
    switch occasion.kind {
    case .api(let api, let target, let route):
      await APIExaminer(issuer: issuer, api: api, target: target, route: route).examine(
        occasion.request, now: entry.time, &findings)
    case .token(let contract, let rule, let api):
      await TokenRequestExaminer(issuer: issuer, contract: contract, rule: rule, api: api).examine(
        occasion.request, now: entry.time, &findings)
    case .inspection:
      await InspectionExaminer(issuer: issuer).examine(occasion.request, entry, &findings)
    case .authorization(let contract, let rule, let api):
      let form = occasion.form ?? occasion.request.target.form ?? Form([])
      let asked = AuthorizationRequest(contract: contract, rule: rule, form: form)
      findings.examination.authorization(
        asked, client: asked.claimedClient.flatMap(issuer.snapshot.client), clients: issuer.snapshot.clients,
        apis: issuer.audiences(of: contract), fixedAudience: api?.audience, issuer: Audience(issuer.url),
        offered: issuer.authenticationContext)
    case .reauthentication(let contract, let rule, let again, _):
      let form = occasion.form ?? occasion.request.target.form ?? Form([])
      let asked = AuthorizationRequest(contract: contract, rule: rule, form: form)
      findings.examination.reauthentication(
        asked, again, client: asked.claimedClient.flatMap(issuer.snapshot.client), clients: issuer.snapshot.clients)
    case .userInfo:
      await UserInfoExaminer(issuer: issuer).examine(occasion.request, now: entry.time, &findings)
    case .other:
      if case .route = entry.refusal {
        for near in NearestAddress(issuer).of(occasion.request.target) { findings.examination.notice(near) }
      }
    }
    let names: [String] =
      switch occasion.kind {
      case .authorization(_, let rule, _): rule.clientParameters
      case .reauthentication(_, let rule, _, _): rule.clientParameters
      case .api, .token, .inspection, .userInfo, .other: []
      }
    if let form = occasion.form ?? occasion.request.target.form {
      for name in names where form.values(of: name).count > 1 {
        findings.expected = "\(name) once"
        findings.actual = "\(name) \(form.values(of: name).count) times"
      }
    }
    if case .upstream = entry.refusal, case .api(let api, _, _) = occasion.kind {
      findings.source = "upstream \(Excerpt(api.upstream)) of API \(api.id)" + (api.origin.map { " (\($0))" } ?? "")
    }
    if case .signIn(.logoutAddressUnregistered) = entry.refusal { signOut(occasion, &findings) }
    findings.actual = decidingValue(entry, occasion) ?? findings.actual
    findings.grant = findings.grant ?? entry.grant
    findings.related = await related(entry, findings.grant)
    findings.isPublicClient = entry.client.flatMap(issuer.snapshot.client)?.isPublic ?? false
    var secrets = PresentedSecrets(occasion) { issuer.snapshot.client(ClientID($0)) != nil }
    await secrets.find(in: ExplanationRecord.callersWords(entry, findings), issuer)
    findings.secrets = secrets
    return findings
  }

  /// The addresses that would have done, and which of them the one that was sent resembles.
  private func signOut(_ occasion: Occasion, _ findings: inout Findings) {
    let form = occasion.form ?? occasion.request.target.form
    guard let client = form?["client_id"].flatMap({ issuer.snapshot.client(ClientID($0)) }) else { return }
    let own = client.openID.postLogoutRedirectURIs
    let addresses = (own.isEmpty ? client.redirectURIs : own).map(\.value)
    findings.expected = addresses.map { "\(Excerpt($0))" }.joined(separator: ", ")
    findings.source = "registration of client \(client.id)"
    if let seen = form?["post_logout_redirect_uri"] {
      findings.examination.resembles("post_logout_redirect_uri", seen, addresses, "the registered URI")
    }
  }

  private func request(_ occasion: Occasion, _ entry: JournalEntry) -> [JSON.Member] {
    let request = occasion.request
    var members: [JSON.Member] = []
    func add(_ name: String, _ text: String?) {
      if let text, !text.isEmpty {
        members.append(.init(name, .string(Excerpt(text).description)))
      }
    }
    add("host", request.authority.isEmpty ? request.host : request.authority)
    if case .api(let api, let target, _) = occasion.kind {
      add("path", api.prefixPath + target.path)
    } else {
      add("path", request.target.path)
    }
    add("content_type", request.mediaType)
    add("accept", request.headers[.accept])
    add("user_agent", request.headers[.userAgent])
    // Names only: values may be credentials.
    let names = (occasion.form ?? request.target.form)?.parameters.map(\.name) ?? []
    add("query_parameters", names.prefix(12).joined(separator: " "))
    return members
  }

  private func clock(_ entry: JournalEntry) -> JSON {
    ["now": .string(entry.time.description), "leeway_seconds": .integer(5)]
  }

  /// Only where keys are in question.
  private func keys(_ entry: JournalEntry) -> JSON? {
    guard case .bearer(let refusal) = entry.refusal else { return nil }
    switch refusal.name {
    case .keyUnknown, .signatureInvalid, .algorithmRejected: break
    case .headerAbsent, .schemeUnsupported, .inQueryNotAccepted, .repeated, .syntax, .formatUnrecognised, .unknown,
      .typeWrong, .issuerUntrusted, .criticalHeader, .claimMissing, .audienceMismatch, .notYetValid, .expired,
      .revokedByClient, .revokedByOperator, .revokedByPerson, .revokedByContainment, .clientDisabled:
      return nil
    }
    let ring = issuer.snapshot.keys
    return [
      "published": .array(ring.published.keys.compactMap { $0.kid.map(JSON.string) }),
      "signing": .array(
        ring.records.filter { $0.state(at: entry.time) == .active }.map { key in
          [
            "kid": .string(key.id.value), "alg": .string(key.algorithm.description),
            "age_seconds": .integer(entry.time.seconds(since: key.createdAt)),
          ]
        }),
    ]
  }

  /// A parameter that was named as wrong is shown as it was sent, unless it may be a credential.
  private func decidingValue(_ entry: JournalEntry, _ occasion: Occasion) -> String? {
    if case .grant(.redirectURIMismatch) = entry.refusal {
      let sent = (try? Form(decoding: occasion.request.body))?["redirect_uri"] ?? ""
      return sent.isEmpty ? "(absent)" : "`\(Excerpt(sent))`"
    }
    if let measured = measure(entry.refusal, occasion.request) { return measured }
    let area = entry.refusal.area
    guard let name = area.members.first(where: { $0.name == .parameter })?.value.string, !Self.secret.contains(name)
    else { return nil }
    if PresentedSecrets.isSecret(name) { return nil }
    let place = area.members.first { $0.name == .parameterPlace }?.value.string
    var values: [String] = []
    if place == "header" {
      values = HTTPField.Name(name).map { occasion.request.values($0) } ?? []
    } else if place == "path", case .api(_, let target, let route?) = occasion.kind {
      values = route.match(target.segments)?[name].map { [$0] } ?? []
    } else {
      let form: Form?
      if let read = occasion.form {
        form = read
      } else {
        form = place == "query" ? occasion.request.target.form : try? Form(decoding: occasion.request.body)
      }
      values = form?.values(of: name) ?? []
    }
    guard !values.isEmpty else { return nil }
    return values.prefix(3).map { "`\(Excerpt($0))`" }.joined(separator: ", ")
  }

  /// How much it was, or of what kind, where the refusal only says that it was too much or another one.
  private func measure(_ refusal: Refusal, _ request: IncomingRequest) -> String? {
    switch refusal {
    case .request(.bodyTooLarge): return request.headers[.contentLength].flatMap { Int($0) }.map { "\($0) bytes" }
    case .request(.tokenParametersTooMany) where request.mediaType != "application/json":
      return "\(request.body.split(separator: UInt8(ascii: "&")).count)"
    case .request(.tokenParameterInvalid(let name, _)) where request.mediaType == "application/json":
      guard let value = try? JSON(parsing: request.body)["\(name)"] else { return nil }
      switch value {
      case .string: return nil
      case .null: return "null"
      case .bool: return "true or false"
      case .number: return "a number"
      case .array: return "a list"
      case .object: return "an object"
      }
    case .scope(.malformed):
      let scope = (try? Form(decoding: request.body))?["scope"]
      return scope.map { "`\(Excerpt($0))`, which has another character" }
    default: return nil
    }
  }

  private static let secret: Set<String> = [
    "client_secret", "code", "refresh_token", "access_token", "token", "password", "code_verifier", "assertion",
    "client_assertion", "id_token_hint", "subject_token", "actor_token", "id_token", "username", "state", "nonce",
  ]

  /// Other refusals of the same grant.
  private func related(_ entry: JournalEntry, _ grant: GrantID?) async -> [JSON] {
    guard let grant else { return [] }
    let bodies = (try? issuer.journal.sink.recent(limit: 5, client: nil, grant: grant.value)) ?? []
    return bodies.compactMap { body in
      guard let record = try? JSON(parsing: body), let trace = record["trace_id"],
        trace.string != entry.trace.description
      else { return nil }
      return [
        "trace": trace, "time": record["time"] ?? .null, "code": record["code"] ?? .null,
        "reason": record["reason"] ?? .null,
      ]
    }
  }
}
