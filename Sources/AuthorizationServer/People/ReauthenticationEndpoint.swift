import Catalogue
import Dialects
import HTTPTypes
import OAuth
import Pages
import Vocabulary

/// `/oauth/reauthenticate` of Smartcar Connect: a person signs in again, confirms that a thing is still theirs, and is
/// sent back with its identifier. As at the authorization endpoint, refusals are pages until client and address are
/// proven, and go back to the application from then on (RFC 6749 §4.1.2.1).
struct ReauthenticationEndpoint {
  let issuer: Issuer
  let place: AuthorizationPlace
  let rule: ReauthenticationRule

  func respond(to request: IncomingRequest) async -> OutgoingAnswer {
    let pages = PageAnswer(issuer, request)
    guard ["GET", "HEAD", "POST"].contains(request.method) else {
      return pages.refuse(.request(.methodNotAllowed(seen: Excerpt(request.method), allowed: ["GET", "POST"])))
    }
    let form: Form
    do throws(Refusal) { form = try AuthorizationEndpoint.parameters(request) } catch {
      return pages.refuse(error, contract: place.contract, kind: place.occasion)
    }
    return await respond(pages.speaking(form), form, answer: nil)
  }

  /// - Parameter answer: what the person said on the page that this request led to.
  func respond(_ pages: PageAnswer, _ form: Form, answer: ReauthenticationAnswer?) async -> OutgoingAnswer {
    let kept = form.parameters.filter { $0.name != SignInProof.field }.map { ($0.name, $0.value) }
    let asked = AuthorizationRequest(contract: place.contract, rule: place.rule, form: Form(kept))
    let proven: ProvenRequest
    do throws(Refusal) {
      proven = try asked.prove(client: try await issuer.client(asked.claimedClient))
    } catch {
      var written: String?
      if error.code == .authorizationClientUnknown, let words = place.rule.unknownClientText {
        written = words.replacing("{presented}", with: Echo(asked.claimedClient?.value ?? "").reveal())
      }
      return pages.refuse(
        error, contract: place.contract, application: asked.claimedClient.flatMap(issuer.snapshot.client),
        written: written, kind: place.occasion, form: asked.form)
    }
    let back = AuthorizationAnswer(issuer: issuer, place: place, proven: proven, pages: pages)
    do throws(Refusal) {
      let demand = try ReauthenticationDemand(proven, rule)
      if pages.request.method == "HEAD" { return signIn(proven, pages) }
      // A form of another site comes without our cookie; the same question asked as a link brings it along.
      if pages.request.method == "POST", answer == nil, !pages.cookie.isKnown {
        return pages.redirect(ReturnAddress.text(place, asked.form))
      }
      return try await decide(demand, pages, back, proof: form[SignInProof.field], answer)
    } catch {
      return error.code.entry.places.contains(.authorization)
        ? back.refuse(error)
        : pages.refuse(
          error, contract: place.contract, application: proven.client, kind: place.occasion, form: asked.form)
    }
  }

  private func decide(
    _ demand: ReauthenticationDemand, _ pages: PageAnswer, _ back: AuthorizationAnswer, proof: String?,
    _ answer: ReauthenticationAnswer?
  ) async throws(Refusal) -> OutgoingAnswer {
    let now = Clock.now
    let address = ReturnAddress.text(place, demand.proven.request.form)
    let session = try await Sessions(issuer: issuer).find(pages.cookie)
    let isFresh = SignInProof.holds(proof, for: address, pages.cookie, issuer: issuer, now: now)
    var held: OfferedResource?
    // Nobody's things are looked at before they signed in for it.
    if let session, isFresh, let api = place.api, let directory = issuer.directory {
      held = try await directory.resources(of: session.subject, at: api).first {
        $0.detail.identifier == demand.resource
      }
    }
    let decision = Reauthenticate.decide(
      demand,
      ReauthenticationFacts(session: session, signedInForThis: isFresh, holdsResource: held != nil, answer: answer),
      now: now)
    switch decision.outcome {
    case .failure(let refusal): return back.refuse(refusal, trail: decision.trail)
    case .success(.signIn): return signIn(demand.proven, pages)
    case .success(.askConfirmation):
      return ask(
        demand, session, held, pages, returning: address + "&" + Form.encode([(SignInProof.field, proof ?? "")]))
    case .success(.confirmed): return back.confirmed(rule.resourceParameter, demand.resource)
    }
  }

  private func signIn(_ proven: ProvenRequest, _ pages: PageAnswer) -> OutgoingAnswer {
    pages.show(
      SignInForm(issuer: issuer).page(pages, place, proven, username: proven.request.form["login_hint"] ?? ""))
  }

  private func ask(
    _ demand: ReauthenticationDemand, _ session: Session?, _ held: OfferedResource?, _ pages: PageAnswer,
    returning: String
  ) -> OutgoingAnswer {
    let proven = demand.proven
    return pages.show(
      ConfirmationPage(
        applicationName: proven.client.name.description, applicationHost: proven.redirectURI.origin,
        signedInAs: session?.username.description ?? "", resourceTitle: held?.title ?? demand.resource,
        resourceDetail: held?.subtitle ?? "", action: "/consent", switchAccountAction: "/login/switch",
        hidden: pages.hidden([FormField(ReturnAddress.field, returning)]),
        returnsTo: Address(proven.redirectURI.value).map { [$0] } ?? []))
  }
}
