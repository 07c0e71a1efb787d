import Catalogue
import Dialects
import HTTPTypes
import OAuth
import Pages
import StrictJSON
import Vocabulary

/// What goes back to a proven application: in the query or the fragment of its address, or in a form that posts itself
/// (RFC 6749 §4.1.2, OAuth 2.0 Form Post Response Mode §2). The address is the registered one, always.
struct AuthorizationAnswer {
  let issuer: Issuer
  let place: AuthorizationPlace
  let proven: ProvenRequest
  let pages: PageAnswer

  func code(_ issued: IssuedCode) -> OutgoingAnswer {
    send(
      [("code", issued.code.reveal())],
      afterState: place.rule.subjectParameter.map {
        [($0, issuer.subjects.name(of: issued.subject, for: proven.client).value)]
      } ?? [])
  }

  /// What was confirmed, under the name the application knows it by.
  func confirmed(_ parameter: String, _ resource: String) -> OutgoingAnswer { send([(parameter, resource)]) }

  /// A refusal in the words of the contract; its members become parameters, in their order.
  func refuse(_ refusal: Refusal, trail: Trail = Trail(), isProvoked: Bool = false) -> OutgoingAnswer {
    let request = pages.request
    let wire = place.contract.render(
      refusal.disclosed(), at: .authorization,
      RenderingContext(
        trace: request.trace, path: place.path, realm: "doorward", issuer: issuer.url, resourceMetadata: nil))
    let members = (try? JSON(parsing: wire.body))?.members ?? []
    var parameters = members.map { ($0.name, $0.value.string ?? $0.value.text) }
    if parameters.isEmpty {
      // A failure of ours that the contract has no words for at this place (RFC 6749 §4.1.2.1).
      let entry = refusal.code.entry
      let error = entry.error ?? (entry.retry.isRetryable ? .temporarilyUnavailable : .serverError)
      parameters = [("error", error.rawValue), ("error_description", entry.text)]
    }
    // As the browser saw it, but for what the application alone may read.
    var address = address(parameters)
    if hasState { address += "&state=…" }
    if place.rule.sendsIssuer { address += "&" + Form.encode([("iss", issuer.url)]) }
    let seen = WireRefusal(
      status: proven.mode == .formPost ? 200 : place.rule.redirectStatus,
      headers: [
        .init(
          name: proven.mode == .formPost ? "(a form posted to)" : "Location",
          value: address)
      ], body: [])
    var record = JournalEntry(
      trace: request.trace, time: Clock.now, refusal: refusal, trail: trail, method: request.method,
      route: place.path, contract: place.contract.name, place: .authorization, client: proven.client.id,
      answer: seen,
      occasion: Occasion(request, place.occasion, form: proven.request.form))
    record.isProvoked = isProvoked
    issuer.journal.record(record)
    var answer = send(parameters)
    answer.markProvoked(isProvoked, refusal)
    return answer
  }

  private func send(_ parameters: [(String, String)], afterState: [(String, String)] = []) -> OutgoingAnswer {
    var parameters = parameters
    if hasState, let state = proven.state { parameters.append(("state", state)) }
    parameters += afterState
    // RFC 9207 §2: who answers, so that a client of several servers cannot be confused.
    if place.rule.sendsIssuer { parameters.append(("iss", issuer.url)) }
    if proven.mode == .formPost, let address = Address(proven.redirectURI.value) {
      return pages.show(
        FormPostPage(
          applicationName: proven.client.name.description, redirectURI: address,
          fields: parameters.map { FormField($0.0, $0.1) }))
    }
    return pages.redirect(address(parameters), status: place.rule.redirectStatus)
  }

  /// An empty state counts as none (RFC 6749 §3.1).
  private var hasState: Bool { proven.state.map { !$0.isEmpty } ?? false }

  private func address(_ parameters: [(String, String)]) -> String {
    let base = proven.redirectURI.value
    let mark = proven.mode == .fragment ? "#" : base.contains("?") ? (base.hasSuffix("?") ? "" : "&") : "?"
    return base + mark + Form.encode(parameters)
  }
}

extension PageAnswer {
  /// To an address that was proven, or a path of ours.
  func redirect(_ address: String, status: Int = 303, cookie fresh: BrowserCookie? = nil) -> OutgoingAnswer {
    var answer = OutgoingAnswer(
      status: status,
      headers: [
        ("Location", address), ("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
      ])
    if let fresh { answer.headers.append(fresh.header(issuer)) }
    return answer
  }
}
