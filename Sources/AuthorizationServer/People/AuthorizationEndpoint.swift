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

  private static let attempts = 8

  func respond(to request: IncomingRequest) async -> OutgoingAnswer {
    let pages = PageAnswer(issuer, request)
    guard ["GET", "HEAD", "POST"].contains(request.method) else {
      return pages.refuse(.request(.methodNotAllowed(seen: Excerpt(request.method), allowed: ["GET", "POST"])))
    }
    let form: Form
    do throws(Refusal) { form = try Self.parameters(request) } catch { return pages.refuse(error) }
    return await respond(pages, form, answer: nil)
  }

  /// - Parameter answer: what the person decided on the consent page that this request led to.
  func respond(_ pages: PageAnswer, _ form: Form, answer: ConsentAnswer?) async -> OutgoingAnswer {
    let asked = AuthorizationRequest(contract: place.contract, rule: place.rule, form: form)
    let proven: ProvenRequest
    do throws(Refusal) {
      proven = try asked.prove(client: try await issuer.client(asked.claimedClient))
    } catch {
      var written: String?
      // A disabled client is told apart from an unknown one by the operator only.
      if error.code == .authorizationClientUnknown, let words = place.rule.unknownClientText {
        written = words.replacing("{presented}", with: Echo(asked.claimedClient?.value ?? "").reveal())
      }
      return pages.refuse(
        error, contract: place.contract, application: asked.claimedClient.flatMap(issuer.snapshot.client),
        written: written, kind: .authorization(place.contract, place.rule, place.api), form: form)
    }
    let back = AuthorizationAnswer(issuer: issuer, place: place, proven: proven, pages: pages)
    do throws(Refusal) {
      let demand = try AuthorizationDemand(
        proven, apis: issuer.audiences(of: place.contract),
        fixedAudience: place.api?.audience, issuer: Audience(issuer.url), offered: issuer.authenticationContext)
      // Whoever only asks for the head gets no code made for them.
      if pages.request.method == "HEAD" { return signIn(demand, pages) }
      return try await decide(demand, pages, back, answer)
    } catch {
      return error.code.entry.places.contains(.authorization)
        ? back.refuse(error)
        : pages.refuse(
          error, contract: place.contract, application: proven.client,
          kind: .authorization(place.contract, place.rule, place.api), form: form)
    }
  }

  private func decide(
    _ demand: AuthorizationDemand, _ pages: PageAnswer, _ back: AuthorizationAnswer, _ given: ConsentAnswer?
  ) async throws(Refusal) -> OutgoingAnswer {
    let sessions = Sessions(issuer: issuer)
    for _ in 0..<Self.attempts {
      let session: Session?
      var answer = given
      let offered: [OfferedResource]
      if issuer.isTestMode, let automatic = try await sessions.automatic(demand) {
        session = automatic
        offered = try await issuer.resources(automatic.subject, demand, place)
        answer = .allow(demand.scopes, offered.map(\.detail), page: nil)
      } else {
        session = try await sessions.find(pages.cookie)
        if let session { offered = try await issuer.resources(session.subject, demand, place) } else { offered = [] }
      }
      if case .allow(let scopes, let details, let page)? = answer {
        if let page, try await isAnswered(page) { throw .signIn(.formAnswered) }
        // Only what was offered can be shared, whatever the form says.
        let known = details.filter { detail in offered.contains { $0.detail == detail } }
        if (!offered.isEmpty && known.isEmpty) || demand.granted(scopes).isEmpty {
          return consent(demand, session, offered, pages, lacksChoice: true)
        }
        answer = .allow(scopes, known, page: page)
      }
      var consented: Versioned<Consent>?
      if let session {
        do throws(StoreFailure) {
          consented = try await issuer.store.read(
            Consent.self, Consent.storageKey(session.subject, demand.proven.client.id))
        } catch { throw Refusal(error) }
      }
      if issuer.isTestMode, session != nil, let refusal = place.rule.provoked(by: demand.proven.request.form) {
        return back.refuse(refusal)
      }
      var random = SystemRandomNumberGenerator()
      let decision = Authorize.decide(
        demand,
        AuthorizationFacts(
          session: session, expected: expected(demand, session),
          name: session.map { issuer.subjects.name(of: $0.subject, for: demand.proven.client) }, consent: consented,
          answer: answer),
        now: Clock.now, random: &random)
      if !decision.changes.isEmpty {
        let outcome: CommitOutcome
        do throws(StoreFailure) { outcome = try await issuer.store.commit(Batch(decision.changes)) } catch {
          throw Refusal(error)
        }
        guard outcome == .committed else { continue }
      }
      switch decision.outcome {
      case .failure(let refusal): return back.refuse(refusal, trail: decision.trail)
      case .success(.issue(let code)): return back.code(code)
      case .success(.signIn): return signIn(demand, pages)
      case .success(.askConsent): return consent(demand, session, offered, pages, lacksChoice: false)
      }
    }
    throw .service(.storageContended(attempts: Self.attempts))
  }

  private func isAnswered(_ page: GrantID) async throws(Refusal) -> Bool {
    do throws(StoreFailure) {
      return try await issuer.store.read([RecordKey(.grant, page.value)]).first != .some(nil)
    } catch { throw Refusal(error) }
  }

  /// The person an ID token names (OpenID Connect Core §3.1.2.1); one that cannot be read names nobody.
  private func expected(_ demand: AuthorizationDemand, _ session: Session?) -> SubjectID? {
    guard let text = demand.proven.request.form["id_token_hint"] else { return nil }
    let tokens = IdentityToken(issuer: issuer)
    guard let session, let hint = tokens.subject(ofHint: text), tokens.names(session.subject, hint) else {
      return SubjectID("")
    }
    return session.subject
  }

  private func signIn(_ demand: AuthorizationDemand, _ pages: PageAnswer) -> OutgoingAnswer {
    pages.show(SignInForm(issuer: issuer).page(pages, place, demand.proven, username: demand.loginHint ?? ""))
  }

  private func consent(
    _ demand: AuthorizationDemand, _ session: Session?, _ offered: [OfferedResource], _ pages: PageAnswer,
    lacksChoice: Bool
  ) -> OutgoingAnswer {
    let proven = demand.proven
    let address = Address(proven.redirectURI.value)
    return pages.show(
      ConsentPage(
        applicationName: proven.client.name.description, applicationHost: proven.redirectURI.origin,
        signedInAs: session?.username.description ?? "", action: "/consent", switchAccountAction: "/login/switch",
        hidden: pages.hidden([FormField(ReturnAddress.field, ReturnAddress.text(place, proven.request.form))]),
        scopes: demand.scopes.list.filter { $0.name != "openid" }.map { scope in
          let words = ScopeWords.words(for: scope, pages.language)
          return Choice(
            id: scope.name, title: words.title, detail: words.detail, isRequired: demand.lockedScopes.contains(scope))
        },
        resources: offered.map { Choice(id: $0.detail.identifier, title: $0.title, detail: $0.subtitle) },
        resourcesLegend: offered.first?.legend ?? "", lacksChoice: lacksChoice,
        offersReturn: place.rule.offersReturn, returnsTo: address.map { [$0] } ?? []))
  }

  /// From the query, or from a form (OpenID Connect Core §3.1.2.1).
  private static func parameters(_ request: IncomingRequest) throws(Refusal) -> Form {
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
