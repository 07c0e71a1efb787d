import Catalogue
import HTTPTypes
import JOSE
import OAuth
import Pages
import Vocabulary

/// `POST /consent`: what a person decided (RFC 6749 §4.1.1 D). The request it belongs to is judged again as a whole.
struct ConsentForm {
  let issuer: Issuer

  func respond(to request: IncomingRequest) async -> OutgoingAnswer {
    let pages = PageAnswer(issuer, request)
    do throws(Refusal) {
      guard request.method == "POST" else {
        throw .request(.methodNotAllowed(seen: Excerpt(request.method), allowed: ["POST"]))
      }
      let form = try PostedForm.read(pages)
      guard let (place, asked) = ReturnAddress.read(form["return"], issuer) else {
        throw .signIn(.formTokenMismatch)
      }
      guard try await Sessions(issuer: issuer).find(pages.cookie) != nil else { throw .signIn(.signedOutMeanwhile) }
      let pages = pages.speaking(asked)
      if let rule = place.reauthentication {
        let answer = form[Decision.name].flatMap(Decision.init(rawValue:))
        return await ReauthenticationEndpoint(issuer: issuer, place: place, rule: rule)
          .respond(pages, asked, answer: answer == .allow ? .confirm : answer == .return ? .leave : nil)
      }
      let endpoint = AuthorizationEndpoint(issuer: issuer, place: place)
      let scopes = Scopes(form.values(of: "scope").compactMap { Scope($0) })
      let types = Set(issuer.apis.compactMap { $0.resources?.type })
      let details = form.values(of: "resource").flatMap { identifier in
        types.map { AuthorizationDetail(type: $0, identifier: identifier) }
      }
      switch form[Decision.name].flatMap(Decision.init(rawValue:)) {
      case .deny: return await endpoint.respond(pages, asked, answer: .deny)
      case .return: return await endpoint.respond(pages, asked, answer: .leave)
      case .allow:
        let page = form[FormToken.field].map { GrantID(TokenText.uuid(SHA256Hash.digest(of: $0.utf8))) }
        return await endpoint.respond(pages, asked, answer: .allow(scopes, details, page: page))
      case .ask, nil: return await endpoint.respond(pages, asked, answer: .again(scopes, details))
      }
    } catch { return pages.refuse(error) }
  }
}
