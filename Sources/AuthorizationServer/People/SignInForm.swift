import Catalogue
import Dialects
import HTTPTypes
import OAuth
import Pages
import Storage
import Vocabulary

/// `/login`: the form, and what comes back (RFC 9700 §4.16). Unknown user, wrong password and disabled user are alike
/// in bytes, status and work.
struct SignInForm {
  let issuer: Issuer

  func page(
    _ pages: PageAnswer, _ place: AuthorizationPlace?, _ proven: ProvenRequest?, username: String,
    failure: SignInPage.Failure = .none, returning: String? = nil
  ) -> SignInPage {
    var target = returning ?? ""
    if let place, let proven { target = ReturnAddress.text(place, proven.request.form) }
    return SignInPage(
      applicationName: proven?.client.name.description, applicationHost: proven?.redirectURI.origin, action: "/login",
      hidden: pages.hidden([FormField(ReturnAddress.field, target)]), username: String(username.prefix(200)),
      failure: failure, offersReturn: place?.rule.offersReturn ?? false,
      returnsTo: proven.flatMap { Address($0.redirectURI.value) }.map { [$0] } ?? [])
  }

  func respond(to request: IncomingRequest, path: [String]) async -> OutgoingAnswer {
    let pages = PageAnswer(issuer, request)
    do throws(Refusal) {
      switch (request.method, path) {
      case ("GET", []), ("HEAD", []):
        if try await Sessions(issuer: issuer).find(pages.cookie) != nil { return pages.redirect("/account") }
        return pages.show(page(pages, nil, nil, username: ""))
      case ("POST", []): return try await signIn(pages)
      case ("POST", ["switch"]): return try await switchAccount(pages)
      default:
        throw .request(.methodNotAllowed(seen: Excerpt(request.method), allowed: ["GET", "POST"]))
      }
    } catch { return pages.refuse(error) }
  }

  private func signIn(_ pages: PageAnswer) async throws(Refusal) -> OutgoingAnswer {
    let form = try PostedForm.read(pages)
    let came = ReturnAddress.read(form["return"], issuer)
    let pages = came.map { pages.speaking($0.form) } ?? pages
    let proven = came.flatMap { prove($0.place, $0.form) }
    if form[Decision.name] == Decision.return.rawValue, let came, let proven {
      let back = AuthorizationAnswer(issuer: issuer, place: came.place, proven: proven, pages: pages)
      return back.refuse(.authorization(.abandoned(client: proven.client.id)))
    }
    let username = form["username"] ?? ""
    if issuer.isTestMode, let came, let proven, let refusal = came.place.rule.provoked(byAccount: username) {
      return AuthorizationAnswer(issuer: issuer, place: came.place, proven: proven, pages: pages).refuse(refusal)
    }
    switch await verdict(username, Secret(form["password"] ?? ""), pages.request.forwardedFor ?? pages.request.peer) {
    case .failure(let refusal):
      guard case .signIn(let area) = refusal else { throw refusal }
      return refuse(area, pages, came?.place, proven, username: username, returning: form["return"])
    case .success(let user):
      let sessions = Sessions(issuer: issuer)
      let cookie: BrowserCookie
      do throws(Refusal) { cookie = try await sessions.begin(user, replacing: pages.cookie, now: Clock.now) } catch {
        guard case .signIn(let area) = error else { throw error }
        return refuse(area, pages, came?.place, proven, username: username, returning: form["return"])
      }
      if let came, let proven, let session = try await sessions.find(cookie.known),
        AuthorizationEndpoint(issuer: issuer, place: came.place).isSomebodyElse(session, proven)
      {
        let back = AuthorizationAnswer(issuer: issuer, place: came.place, proven: proven, pages: pages)
        var answer = back.refuse(
          .authorization(.loginRequired("somebody else signed in than the application asked for")))
        answer.headers.append(cookie.header(issuer))
        return answer
      }
      let next = came.map { ReturnAddress.afterSignIn($0.place, $0.form, cookie, issuer) } ?? "/account"
      return pages.redirect(next, cookie: cookie)
    }
  }

  /// The same page again, with what was wrong.
  func refuse(
    _ refusal: SignInRefusal, _ pages: PageAnswer, _ place: AuthorizationPlace?, _ proven: ProvenRequest?,
    username: String, returning: String? = nil, isProvoked: Bool = false
  ) -> OutgoingAnswer {
    var failure = SignInPage.Failure.credentialsRejected
    if case .throttled(_, let after) = refusal { failure = .throttled(retryAfterSeconds: Int(clamping: after.seconds)) }
    let again = page(pages, place, proven, username: username, failure: failure, returning: returning)
    return pages.refuse(
      .signIn(refusal), contract: place?.contract, application: proven?.client, page: again, isProvoked: isProvoked)
  }

  /// "Not you?": the session ends, and the same request asks who is there.
  private func switchAccount(_ pages: PageAnswer) async throws(Refusal) -> OutgoingAnswer {
    let form = try PostedForm.read(pages)
    try await Sessions(issuer: issuer).end(pages.cookie)
    let next = ReturnAddress.read(form["return"], issuer).map { ReturnAddress.text($0.place, $0.form) } ?? "/login"
    return pages.redirect(next, cookie: .fresh())
  }

  private func prove(_ place: AuthorizationPlace, _ form: Form) -> ProvenRequest? {
    let asked = AuthorizationRequest(contract: place.contract, rule: place.rule, form: form)
    return try? asked.prove(client: asked.claimedClient.flatMap(issuer.snapshot.client))
  }

  private func verdict(_ username: String, _ password: Secret, _ peer: String?) async -> Result<User, Refusal> {
    let keys = SignInThrottle.keys(Usernames.folded(username), peer)
    // Counted before the password is looked at: guesses at the same moment must not all find the count as it was.
    if let wait = issuer.throttle.attempt(keys, now: Clock.now) {
      return .failure(.signIn(.throttled(Excerpt(wait.what), after: wait.after)))
    }
    let found: User?
    do throws(StoreFailure) {
      found = try await issuer.user(named: username)
    } catch { return .failure(Refusal(error)) }
    guard let matches = await issuer.passwords.verify(password, against: found?.passwordHash) else {
      issuer.throttle.forgive(keys)
      return .failure(.signIn(.throttled("server, which is busy with others", after: Lifetime(clamping: 5))))
    }
    guard let user = found, matches, !user.isDisabled else {
      guard let found else { return .failure(.signIn(.userUnknown)) }
      return .failure(.signIn(found.isDisabled && matches ? .userDisabled(found.id) : .passwordMismatch(found.id)))
    }
    issuer.throttle.succeed(keys)
    return .success(user)
  }
}
