import AuthorizationServer
import Catalogue
import Dialects
import HTTPTypes
import OAuth
import Vocabulary

/// What can be answered without waiting: forward-auth questions, refusals in front of an API, tokens a client gets
/// for itself, introspection. Everything else is the framework's.
struct ImmediateAnswers {
  let gate: Gate
  let forwardAuth: ForwardAuth
  let endpoints: Endpoints
  let documents: ContractDocuments

  init(gate: Gate, trusted: TrustedPeers) {
    self.gate = gate
    forwardAuth = ForwardAuth(gate: gate, trusted: trusted)
    endpoints = Endpoints(issuer: gate.issuer)
    documents = ContractDocuments(issuer: gate.issuer)
  }

  enum Verdict {
    case answer(OutgoingAnswer, ProtectedAPI?)
    /// The body decides: collect it, then ask `answer(_:)`.
    case collect
    case handOn
  }

  /// - Parameter request: its target still to be read from `path`.
  func judge(_ head: HTTPRequest, _ request: IncomingRequest) -> Verdict {
    guard let path = head.path else { return .handOn }
    let isBodiless = head.headerFields[.contentLength] == nil && head.headerFields[.transferEncoding] == nil
    if path == "/verify" || path.hasPrefix("/verify?") {
      guard isBodiless, head.method == .get || head.method == .head else { return .handOn }
      return forwardAuth.verdictNow(request).map { .answer($0, nil) } ?? .handOn
    }
    if head.method == .post, path == "/oauth/token" || path == "/oauth/introspect", gate.issuer.path.isEmpty {
      guard let length = head.headerFields[.contentLength].flatMap(Int.init), length > 0, length <= 16_384 else {
        return .handOn
      }
      return .collect
    }
    guard isBodiless, !gate.issuer.apis.isEmpty, head.authority?.isEmpty == false else { return .handOn }
    return refusal(path, request)
  }

  func answer(_ request: IncomingRequest) -> OutgoingAnswer? { endpoints.respondNow(to: request) }

  /// In front of an API: only a refusal is immediate. What is admitted is decided again on its way, which costs a
  /// few microseconds of a forwarded request.
  private func refusal(_ path: String, _ request: IncomingRequest) -> Verdict {
    guard let whole = try? RequestTarget(path) else { return .handOn }
    let target = whole.stripping(gate.issuer.path) ?? whole
    guard target.segments != ["verify"], !endpoints.isAuthorization(target),
      let (api, below) = gate.mount(host: request.host, target)
    else {
      return .handOn
    }
    // A token in the query, a document, a token endpoint: the longer way knows.
    let path = api.contract.routing.trailingSlashIgnored ? below.withoutTrailingSlash : below
    for sibling in gate.issuer.apis where sibling.prefix == api.prefix && sibling.host == api.host {
      if sibling.contract.tokenEndpoints.contains(where: { $0.path == path.path }) { return .handOn }
      if gate.isPublicDocument(request, path, sibling) { return .handOn }
    }
    guard case .refuse(let answer) = gate.decide(api, below, request) else { return .handOn }
    return .answer(answer, api)
  }
}
