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
      let form: Form
      var isOurForm = false
      if request.method == "POST" {
        var trail = Trail()
        form = try RequestBody.form(request, allowed: [.form], trail: &trail, mayHaveQuery: true)
        isOurForm = form[FormToken.field] != nil
        if isOurForm { _ = try PostedForm.read(pages) }
      } else {
        form = request.target.form ?? Form([])
      }
      let hint = form["id_token_hint"].flatMap { IdentityToken(issuer: issuer).subject(ofHint: $0) }
      let back = try returnAddress(form, hint)
      guard let session = try await Sessions(issuer: issuer).find(pages.cookie) else {
        return finish(pages, back, form["state"])
      }
      if isOurForm, form[Decision.name] == Decision.deny.rawValue { return pages.redirect("/account") }
      let names = hint.map { IdentityToken(issuer: issuer).names(session.subject, $0) } ?? false
      guard isOurForm || names else { return ask(session, pages, form, back) }
      try await Sessions(issuer: issuer).end(pages.cookie)
      return finish(pages, back, form["state"])
    } catch { return pages.refuse(error) }
  }

  private func ask(_ session: Session, _ pages: PageAnswer, _ form: Form, _ back: RedirectURI?) -> OutgoingAnswer {
    let kept = ["post_logout_redirect_uri", "client_id", "id_token_hint", "state"].compactMap { name in
      form[name].map { FormField(name, $0) }
    }
    return pages.show(
      SignOutPage(
        signedInAs: session.username.description, action: "/oauth/logout", hidden: pages.hidden(kept),
        returnsTo: back.flatMap { Address($0.value) }.map { [$0] } ?? []))
  }

  private func finish(_ pages: PageAnswer, _ back: RedirectURI?, _ state: String?) -> OutgoingAnswer {
    guard let back else {
      var answer = pages.show(SignedOutPage())
      answer.headers.append(BrowserCookie.fresh().header(issuer))
      return answer
    }
    let mark = back.value.contains("?") ? "&" : "?"
    let more = state.map { mark + Form.encode([("state", $0)]) } ?? ""
    return pages.redirect(back.value + more, cookie: .fresh())
  }

  /// One of the addresses of the client that is named, byte for byte (§3).
  private func returnAddress(_ form: Form, _ hint: IdentityToken.Hint?) throws(Refusal) -> RedirectURI? {
    guard let asked = form["post_logout_redirect_uri"] else { return nil }
    if let named = form["client_id"], let hinted = hint?.client, named != hinted {
      throw .signIn(.logoutAddressUnregistered(Excerpt(asked)))
    }
    let client = (form["client_id"] ?? hint?.client).map(ClientID.init).flatMap(issuer.snapshot.client)
    if let uri = client?.redirectURIs.first(where: { $0.value == asked }) { return uri }
    if let uri = try? RedirectURI(asked),
      client?.redirectURIs.contains(where: { $0.differsInLoopbackPort(from: uri) }) == true
    {
      return uri
    }
    throw .signIn(.logoutAddressUnregistered(Excerpt(asked)))
  }
}
