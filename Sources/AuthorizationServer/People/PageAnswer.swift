import Catalogue
import Dialects
import HTTPTypes
import OAuth
import Pages
import StrictJSON
import Vocabulary

/// Pages as answers: each carries the cookie where the browser has none yet, and is kept by nobody.
struct PageAnswer {
  let issuer: Issuer
  let request: IncomingRequest
  let cookie: BrowserCookie
  /// The languages an application asked for, where they came in a form (OpenID Connect Core §3.1.2.1).
  private var uiLocales: String?

  init(_ issuer: Issuer, _ request: IncomingRequest) {
    self.issuer = issuer
    self.request = request
    cookie = BrowserCookie(request, issuer: issuer)
  }

  var language: Language {
    Language.chosen(
      uiLocales: uiLocales ?? request.target.form?["ui_locales"], acceptLanguage: request.headers[.acceptLanguage])
  }

  /// The same in the languages that an authorization request asks for.
  func speaking(_ form: Form) -> PageAnswer {
    var pages = self
    pages.uiLocales = form["ui_locales"]
    return pages
  }

  /// What every form carries back.
  func hidden(_ more: [FormField] = []) -> [FormField] {
    more + [FormField(FormToken.field, FormToken.make(cookie, issuer: issuer, now: Clock.now))]
  }

  func show(_ page: some Page, status: Int = 200, setsCookie: Bool = true) -> OutgoingAnswer {
    let document = page.document(issuer.style, language)
    var answer = OutgoingAnswer(status: status, headers: document.headers(), body: document.bytes)
    if setsCookie, !cookie.isKnown { answer.headers.append(cookie.header(issuer)) }
    return answer
  }

  /// A refusal shown to a person; the status follows from the code, as everywhere.
  func refuse(
    _ refusal: Refusal, trail: Trail = Trail(), contract: Contract? = nil, application: Client? = nil,
    written: String? = nil, page: (any Page)? = nil, kind: Occasion.Kind = .other, form: Form? = nil,
    isProvoked: Bool = false
  ) -> OutgoingAnswer {
    let entry = refusal.code.entry
    var shown: any Page =
      page
      ?? MessagePage(
        Self.notice(refusal, application), reference: request.trace.description,
        documentation: Address("/errors/" + refusal.code.slug))
    if let written, page == nil {
      shown = MessagePage(
        heading: .phrase(.message(Self.notice(refusal, application), .heading)), happened: .written(written),
        reference: request.trace.description, documentation: Address("/errors/" + refusal.code.slug))
    }
    var answer = show(shown, status: entry.status, setsCookie: page != nil)
    if let seconds = refusal.area.members.first(where: { $0.name == .retryAfter })?.value.integer {
      answer.headers.append(("Retry-After", String(seconds)))
    }
    if let methods = refusal.area.members.first(where: { $0.name == .allowedMethods })?.value.array {
      answer.headers.append(("Allow", methods.compactMap(\.string).joined(separator: ", ")))
    }
    var record = JournalEntry(
      trace: request.trace, time: Clock.now, refusal: refusal, trail: trail, method: request.method,
      route: request.target.path, contract: (contract ?? issuer.contract).name, place: .page,
      client: application?.id, answer: nil, occasion: Occasion(request, kind, form: form))
    record.pageStatus = entry.status
    record.isProvoked = isProvoked
    issuer.journal.record(record)
    answer.markProvoked(isProvoked, refusal)
    return answer
  }

  private static func notice(_ refusal: Refusal, _ application: Client?) -> Notice {
    if refusal.code == .authorizationRedirectURIMismatch {
      return .redirectNotRegistered(application: application?.name.description ?? "")
    }
    return notices[refusal.code] ?? .requestMalformed
  }

  private static let notices: [Code: Notice] = [
    .authorizationClientUnknown: .applicationUnknown, .formRejected: .formNotAccepted,
    .interactionExpired: .requestExpired, .loginThrottled: .tooManyAttempts, .storageUnavailable: .unavailable,
    .keysUnavailable: .unavailable, .upstreamUnavailable: .unavailable, .upstreamTimeout: .unavailable,
    .internalFault: .fault, .notFound: .pageNotFound, .helpTopicNotFound: .pageNotFound,
    .traceNotFound: .pageNotFound,
    .methodNotAllowed: .notOpenedDirectly,
  ]
}
