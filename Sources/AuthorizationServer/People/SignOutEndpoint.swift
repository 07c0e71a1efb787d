import Catalogue
import Dialects
import HTTPTypes
import JOSE
import OAuth
import Pages
import StrictJSON
import Vocabulary

/// `/oauth/logout` (OpenID Connect RP-Initiated Logout). A link alone signs nobody out: the person is asked, unless an
/// ID token proves that the application speaks of this very session's person (§2).
struct SignOutEndpoint {
  let issuer: Issuer

  func respond(to request: IncomingRequest) async -> OutgoingAnswer {
    let pages = PageAnswer(issuer, request)
    do throws(Refusal) {
      let (form, isOurs) = try read(pages)
      // A form of another site comes without the cookie (`SameSite=Lax`), a link with it: the same again, as a link.
      if request.method == "POST", !pages.cookie.isKnown, !isOurs { return pages.redirect(asLink(form)) }
      let hint = form["id_token_hint"].flatMap { IdentityToken(issuer: issuer).subject(ofHint: $0) }
      let back = try await returnAddress(form, hint)
      guard let session = try await Sessions(issuer: issuer).find(pages.cookie) else {
        return finish(pages, back, form["state"])
      }
      if isOurs, form[Decision.name] == Decision.deny.rawValue { return pages.redirect("/account") }
      guard isOurs || proves(hint, form, session) else { return ask(session, pages, form, back) }
      try await Sessions(issuer: issuer).end(pages.cookie)
      return finish(pages, back, form["state"])
    } catch { return pages.refuse(error) }
  }

  private func read(_ pages: PageAnswer) throws(Refusal) -> (form: Form, isOurs: Bool) {
    guard pages.request.method == "POST" else { return (pages.request.target.form ?? Form([]), false) }
    var trail = Trail()
    let form = try RequestBody.form(pages.request, allowed: [.form], trail: &trail, mayHaveQuery: true)
    guard form[FormToken.field] != nil else { return (form, false) }
    return (try PostedForm.read(pages), true)
  }

  /// What §2 names.
  private static let parameters = ["post_logout_redirect_uri", "client_id", "id_token_hint", "state"]

  /// The same request as a link. The ID token stays out of the address: the client it names stands for it, and the
  /// person is asked.
  private func asLink(_ form: Form) -> String {
    let pairs = kept(form) + (form["ui_locales"].map { [("ui_locales", $0)] } ?? [])
    return "/oauth/logout" + (pairs.isEmpty ? "" : "?" + Form.encode(pairs))
  }

  /// What is carried on, the client that an ID token names instead of the token.
  private func kept(_ form: Form) -> [(String, String)] {
    let named = form["id_token_hint"].flatMap { IdentityToken(issuer: issuer).subject(ofHint: $0) }?.client
    return Self.parameters.compactMap { name in
      switch name {
      case "id_token_hint": nil
      case "client_id": (form[name] ?? named).map { (name, $0) }
      case _: form[name].map { (name, $0) }
      }
    }
  }

  /// Whether an ID token says that the application speaks of this session's person. One that was made for another client
  /// than the one that is named proves nothing (§2).
  private func proves(_ hint: IdentityToken.Hint?, _ form: Form, _ session: Session) -> Bool {
    guard let hint, form["client_id"].map({ $0 == hint.client }) ?? true else { return false }
    return IdentityToken(issuer: issuer).names(session.subject, hint)
  }

  private func ask(_ session: Session, _ pages: PageAnswer, _ form: Form, _ back: RedirectURI?) -> OutgoingAnswer {
    let kept = kept(form).map { FormField($0.0, $0.1) }
    return pages.show(
      SignOutPage(
        signedInAs: session.username.description, action: "/oauth/logout", hidden: pages.hidden(kept),
        returnsTo: back.flatMap { Address($0.value) }.map { [$0] } ?? []))
  }

  private func finish(_ pages: PageAnswer, _ back: RedirectURI?, _ state: String?) -> OutgoingAnswer {
    // A browser without the cookie has nothing to forget.
    let fresh = pages.cookie.isKnown ? BrowserCookie.fresh() : nil
    guard let back else {
      var answer = pages.show(SignedOutPage(), setsCookie: false)
      if let fresh { answer.headers.append(fresh.header(issuer)) }
      return answer
    }
    let mark = back.value.contains("?") ? "&" : "?"
    let more = state.map { mark + Form.encode([("state", $0)]) } ?? ""
    return pages.redirect(back.value + more, cookie: fresh)
  }

  /// One of the addresses of the client that is named, byte for byte (§3): those registered for signing out or, where
  /// there are none, its redirect URIs. A disabled client has none.
  private func returnAddress(_ form: Form, _ hint: IdentityToken.Hint?) async throws(Refusal) -> RedirectURI? {
    guard let asked = form["post_logout_redirect_uri"] else { return nil }
    if let named = form["client_id"], let hinted = hint?.client, named != hinted {
      throw .signIn(.logoutAddressUnregistered(Excerpt(asked)))
    }
    let named = (form["client_id"] ?? hint?.client).map(ClientID.init)
    guard let client = try await issuer.client(named), !client.isDisabled else {
      throw .signIn(.logoutAddressUnregistered(Excerpt(asked)))
    }
    let own = client.openID.postLogoutRedirectURIs
    let registered = own.isEmpty ? client.redirectURIs : own
    if let uri = registered.first(where: { $0.value == asked }) { return uri }
    if let uri = try? RedirectURI(asked), registered.contains(where: { $0.differsInLoopbackPort(from: uri) }) {
      return uri
    }
    throw .signIn(.logoutAddressUnregistered(Excerpt(asked)))
  }
}
