import Catalogue
import Dialects
import HTTPTypes
import OAuth
import Pages
import Storage
import Vocabulary

/// `/oauth/authorize` (RFC 6749 §3.1, §4.1; OpenID Connect Core §3.1.2).
///
///     parse → prove client and address → what is asked → who is there → decide → commit → page, or back
///
/// Nothing of a request is stored while a person reads a page: the form carries it back, and all of it is judged again.
struct AuthorizationEndpoint {
  let issuer: Issuer
  let place: AuthorizationPlace

  /// Each code renews its session, so those of one session are made one after the other: a browser that opens again
  /// all the pages it had is to get all of them.
  private static let attempts = 64

  func respond(to request: IncomingRequest) async -> OutgoingAnswer {
    let pages = PageAnswer(issuer, request)
    guard ["GET", "HEAD", "POST"].contains(request.method) else {
      return pages.refuse(.request(.methodNotAllowed(seen: Excerpt(request.method), allowed: ["GET", "POST"])))
    }
    let form: Form
    do throws(Refusal) { form = try Self.parameters(request) } catch { return pages.refuse(error) }
    return await respond(pages.speaking(form), form, answer: nil)
  }

  /// - Parameter answer: what the person decided on the consent page that this request led to.
  func respond(_ pages: PageAnswer, _ form: Form, answer: ConsentAnswer?) async -> OutgoingAnswer {
    let asked = AuthorizationRequest(
      contract: place.contract, rule: place.rule, form: form, trace: pages.request.trace)
    let proven: ProvenRequest
    do throws(Refusal) {
      proven = try asked.prove(client: try await issuer.client(asked.claimedClient))
    } catch {
      let written = words(error, asked)
      issuer.provoker.noteUnproven(pages.request, .authorization)
      return pages.refuse(
        error, contract: place.contract, application: asked.claimedClient.flatMap(issuer.snapshot.client),
        written: written, kind: .authorization(place.contract, place.rule, place.api), form: form)
    }
    let back = AuthorizationAnswer(issuer: issuer, place: place, proven: proven, pages: pages)
    if let provoked = provoked(proven, pages, back, form) { return provoked }
    do throws(Refusal) {
      let demand = try AuthorizationDemand(
        proven, apis: issuer.audiences(of: place.contract),
        fixedAudience: place.api?.audience, issuer: Audience(issuer.url), offered: issuer.authenticationContext)
      if let hint = form["id_token_hint"], IdentityToken(issuer: issuer).subject(ofHint: hint) == nil {
        throw .authorization(
          .parameterInvalid("id_token_hint", expected: "an ID token of this server, signed by a key it still publishes")
        )
      }
      // Whoever only asks for the head gets no code made for them.
      if pages.request.method == "HEAD" { return signIn(demand, pages) }
      // A form of another site comes without our cookie, and a new one would push the person's session out: the same
      // question asked as a link brings it along.
      if pages.request.method == "POST", answer == nil, !pages.cookie.isKnown,
        demand.loginHint != Sessions.automaticUser || !issuer.isTestMode
      {
        return pages.redirect(ReturnAddress.text(place, form))
      }
      return try await decide(demand, pages, back, answer)
    } catch {
      // Without a page allowed, every failure goes back (OpenID Connect Core §3.1.2.6).
      let isSilent = form["prompt"]?.split(separator: " ").contains("none") == true
      return error.code.entry.places.contains(.authorization) || isSilent
        ? back.refuse(error)
        : pages.refuse(
          error, contract: place.contract, application: proven.client,
          kind: .authorization(place.contract, place.rule, place.api), form: form)
    }
  }

  /// The contract's own words for a page, where it has some: a disabled client is told apart from an unknown one by
  /// the operator only.
  private func words(_ refusal: Refusal, _ asked: AuthorizationRequest) -> String? {
    guard refusal.code == .authorizationClientUnknown, let words = place.rule.unknownClientText else { return nil }
    return words.replacing("{presented}", with: Echo(asked.claimedClient?.value ?? "").reveal())
  }

  /// What is asked for on purpose, in test mode, by a proven client with a proven address.
  private func provoked(
    _ proven: ProvenRequest, _ pages: PageAnswer, _ back: AuthorizationAnswer, _ form: Form
  ) -> OutgoingAnswer? {
    var isProvoked = false
    do throws(Refusal) {
      try issuer.provoker.honour(pages.request, isProvoked: &isProvoked) {
        var facts = ProvocationFacts(.authorization, place.contract, client: proven.client.id)
        facts.form = form
        facts.proven = proven
        facts.target = pages.request.target
        return facts
      }
      return nil
    } catch {
      // Said before anybody knows that a page was wanted.
      if case .request(.headersTooLarge) = error {
        return issuer.refuse(error, pages.request, place: .page, isProvoked: true)
      }
      if error.code.entry.places.contains(.authorization) { return back.refuse(error, isProvoked: isProvoked) }
      if case .signIn(let refusal) = error, refusal.isAboutCredentials {
        return SignInForm(issuer: issuer).refuse(
          refusal, pages, place, proven, username: form["login_hint"] ?? "", isProvoked: isProvoked)
      }
      return pages.refuse(
        error, contract: place.contract, application: proven.client, written: words(error, proven.request),
        kind: .authorization(place.contract, place.rule, place.api), form: form, isProvoked: isProvoked)
    }
  }

  private func decide(
    _ demand: AuthorizationDemand, _ pages: PageAnswer, _ back: AuthorizationAnswer, _ given: ConsentAnswer?
  ) async throws(Refusal) -> OutgoingAnswer {
    for _ in 0..<Self.attempts {
      let scene = try await scene(demand, pages, given)
      if issuer.isTestMode, scene.session != nil, let refusal = place.rule.provoked(by: demand.proven.request.form) {
        return back.refuse(refusal)
      }
      var random = SystemRandomNumberGenerator()
      let facts = try await facts(demand, scene)
      let decision = Authorize.decide(demand, facts, now: Clock.now, random: &random)
      if !decision.changes.isEmpty {
        let outcome: CommitOutcome
        do throws(StoreFailure) { outcome = try await issuer.store.commit(Batch(decision.changes)) } catch {
          throw Refusal(error)
        }
        guard outcome == .committed else { continue }
        issuer.snapshot.applyLocally(decision.changes)
      }
      switch decision.outcome {
      case .failure(let refusal): return back.refuse(refusal, trail: decision.trail)
      case .success(.issue(let code)): return back.code(code)
      case .success(.signIn): return signIn(demand, pages)
      case .success(.askConsent(let lacksChoice)):
        return consent(demand, scene, pages, before: facts.consent?.record, lacksChoice: lacksChoice)
      }
    }
    throw .service(.storageContended(attempts: Self.attempts))
  }

  /// Who is there, what they could share, and what they answered.
  private struct Scene {
    let session: Session?
    /// The version it was read at; `nil` for one that is nowhere stored.
    var sessionVersion: Int64?
    var offered: [OfferedResource] = []
    var answer: ConsentAnswer?
  }

  private func scene(
    _ demand: AuthorizationDemand, _ pages: PageAnswer, _ given: ConsentAnswer?
  ) async throws(Refusal) -> Scene {
    let sessions = Sessions(issuer: issuer)
    if issuer.isTestMode, let automatic = try await sessions.automatic(demand) {
      let offered = try await issuer.resources(automatic.subject, demand, place)
      return Scene(
        session: automatic, offered: offered, answer: .allow(demand.scopes, offered.map(\.detail), page: nil))
    }
    let stored = try await sessions.stored(pages.cookie)
    var scene = Scene(session: stored?.record, sessionVersion: stored?.version, answer: given)
    // Whoever says no needs nothing of the API that has their things.
    switch given {
    case .deny, .leave: return scene
    case .allow(_, _, let page?): if try await isAnswered(page) { throw .signIn(.formAnswered) }
    case .allow, .again, nil: break
    }
    if let session = scene.session { scene.offered = try await issuer.resources(session.subject, demand, place) }
    return scene
  }

  private func facts(_ demand: AuthorizationDemand, _ scene: Scene) async throws(Refusal) -> AuthorizationFacts {
    guard let session = scene.session else {
      return AuthorizationFacts(session: nil, consent: nil, answer: scene.answer)
    }
    let client = demand.proven.client
    do throws(StoreFailure) {
      // Disabled since the session was looked at: nobody is there any more.
      guard let account = try await issuer.store.read(User.self, session.username.description), account.closedAt == nil,
        !account.record.isDisabled
      else { return AuthorizationFacts(session: nil, consent: nil, answer: scene.answer) }
      let consent = try await issuer.store.read(Consent.self, Consent.storageKey(session.subject, client.id))
      var held: [Grant] = []
      if case .allow? = scene.answer { held = try await issuer.store.grants(of: session.subject, to: client.id) }
      return AuthorizationFacts(
        session: session, sessionVersion: scene.sessionVersion, expected: expected(demand, session),
        name: issuer.subjects.name(of: session.subject, for: client), consent: consent,
        account: account.version, offered: scene.offered.map(\.detail), held: held,
        answer: scene.answer)
    } catch { throw Refusal(error) }
  }

  private func isAnswered(_ page: GrantID) async throws(Refusal) -> Bool {
    do throws(StoreFailure) {
      return try await issuer.store.read([RecordKey(.grant, page.value)]).first != .some(nil)
    } catch { throw Refusal(error) }
  }

  /// The person an ID token names (OpenID Connect Core §3.1.2.1). One that cannot be read was refused before.
  private func expected(_ demand: AuthorizationDemand, _ session: Session) -> SubjectID? {
    guard let text = demand.proven.request.form["id_token_hint"] else { return nil }
    let tokens = IdentityToken(issuer: issuer)
    guard let hint = tokens.subject(ofHint: text), tokens.names(session.subject, hint) else { return SubjectID("") }
    return session.subject
  }

  /// Whether somebody else than the request names has just signed in: asking them again would go on for ever.
  func isSomebodyElse(_ session: Session, _ proven: ProvenRequest) -> Bool {
    guard
      let demand = try? AuthorizationDemand(
        proven, apis: issuer.audiences(of: place.contract), fixedAudience: place.api?.audience,
        issuer: Audience(issuer.url), offered: issuer.authenticationContext)
    else { return false }
    if let wanted = expected(demand, session), wanted != session.subject { return true }
    return !demand.claims.admits(issuer.subjects.name(of: session.subject, for: proven.client))
  }

  private func signIn(_ demand: AuthorizationDemand, _ pages: PageAnswer) -> OutgoingAnswer {
    pages.show(SignInForm(issuer: issuer).page(pages, place, demand.proven, username: demand.loginHint ?? ""))
  }

  private func consent(
    _ demand: AuthorizationDemand, _ scene: Scene, _ pages: PageAnswer, before: Consent?, lacksChoice: Bool
  ) -> OutgoingAnswer {
    let proven = demand.proven
    let offered = scene.offered
    let ticks = Ticks(scene.answer, before: before)
    let address = Address(proven.redirectURI.value)
    let apis = issuer.apis.filter { demand.audience.contains($0.audience) }
    return pages.show(
      ConsentPage(
        applicationName: proven.client.name.description, applicationHost: proven.redirectURI.origin,
        signedInAs: scene.session?.username.description ?? "", action: "/consent", switchAccountAction: "/login/switch",
        hidden: pages.hidden([FormField(ReturnAddress.field, ReturnAddress.text(place, proven.request.form))]),
        scopes: demand.scopes.list.filter { $0.name != "openid" }.map { scope in
          let words = ScopeWords.words(for: scope, of: apis, pages.language)
          return Choice(
            id: scope.name, title: words.title, detail: words.detail, isRequired: demand.lockedScopes.contains(scope),
            isTicked: ticks.has(scope))
        },
        resources: offered.map {
          Choice(id: $0.detail.identifier, title: $0.title, detail: $0.subtitle, isTicked: ticks.has($0.detail))
        },
        resourcesLegend: offered.first?.legend ?? "", lacksChoice: lacksChoice,
        offersReturn: place.rule.offersReturn, returnsTo: address.map { [$0] } ?? []))
  }

  /// From the query, or from a form (OpenID Connect Core §3.1.2.1).
  static func parameters(_ request: IncomingRequest) throws(Refusal) -> Form {
    if request.method == "POST", !request.body.isEmpty {
      var trail = Trail()
      return try RequestBody.form(request, allowed: [.form], trail: &trail, mayHaveQuery: true)
    }
    guard let query = request.target.query else { return Form([]) }
    do throws(Form.Fault) { return try Form(decoding: query.utf8) } catch {
      throw .request(.messageMalformed("the query cannot be decoded"))
    }
  }
}

/// What is ticked when the consent page is shown: as it was sent, else the things shared last time, else all.
private struct Ticks {
  private let scopes: Scopes?
  private let details: [AuthorizationDetail]?

  init(_ answer: ConsentAnswer?, before: Consent?) {
    switch answer {
    case .allow(let scopes, let details, _), .again(let scopes, let details):
      self.scopes = scopes
      self.details = details
    case .deny, .leave, nil:
      scopes = nil
      details = before.flatMap { $0.details.isEmpty ? nil : $0.details }
    }
  }

  func has(_ scope: Scope) -> Bool { scopes?.contains(scope) ?? true }
  func has(_ detail: AuthorizationDetail) -> Bool { details?.contains(detail) ?? true }
}
