import Catalogue
public import Dialects
import Vocabulary

extension Examination {
  /// Every check of a re-authentication request, each by itself: who asks is judged as at the authorization endpoint.
  public mutating func reauthentication(
    _ request: AuthorizationRequest, _ rule: ReauthenticationRule, client: Client?, clients: [Client]
  ) {
    let form = request.form
    misspelled(form, known: Self.reauthenticationParameters + request.rule.clientParameters + [rule.resourceParameter])
    note("client_id", request.claimedClient?.value)
    for name in ["redirect_uri", "response_type", rule.resourceParameter] { note(name, form[name]) }
    if let type = form["response_type"], !rule.responseTypes.contains(type) {
      notice(Resemblance.placeholder(type).map { "response_type: " + $0 })
      notice(Resemblance.among(type, rule.responseTypes, "the response type").map { "response_type " + $0 })
    }
    guard namesClientOnce(request), let client = proving(request, client, clients) else { return }
    let contract = "contract \(request.contract.name): authorization.reauthentication"
    check(.parametersOnce, source: "RFC 6749 §3.1") { () throws(Refusal) in try ReauthenticationDemand.once(form) }
    check(.requestReadable, source: "RFC 9101 §5") { () throws(Refusal) in try ReauthenticationDemand.readable(form) }
    check(.responseTypeOffered, source: contract, shows: form["response_type"] ?? "") { () throws(Refusal) in
      try ReauthenticationDemand.responseType(form, rule)
    }
    check(.grantTypeRegistered, source: Self.registration(client)) { () throws(Refusal) in
      try ReauthenticationDemand.grant(client)
    }
    check(.parametersValid, source: contract) { () throws(Refusal) in
      _ = try ReauthenticationDemand.resource(form, rule)
      try ReauthenticationDemand.state(form)
    }
  }

  private static let reauthenticationParameters = [
    "response_type", "client_id", "redirect_uri", "state", "response_mode", "login_hint", "ui_locales", "request",
    "request_uri",
  ]
}
