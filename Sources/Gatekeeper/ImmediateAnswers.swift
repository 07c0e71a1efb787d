import AuthorizationServer
import Catalogue
import Dialects
import HTTPTypes
import NIOHTTP1
import OAuth
import Vocabulary

/// What is answered without the framework: at once, forward-auth questions, refusals in front of an API, tokens a client
/// gets for itself, introspection; after a look at the store, the rest of these endpoints. Everything else is the
/// framework's.
struct ImmediateAnswers {
  let gate: Gate
  let forwardAuth: ForwardAuth
  let endpoints: Endpoints

  init(gate: Gate, trusted: TrustedPeers) {
    self.gate = gate
    forwardAuth = ForwardAuth(gate: gate, trusted: trusted)
    endpoints = Endpoints(issuer: gate.issuer)
  }

  enum Verdict {
    case answer(OutgoingAnswer, ProtectedAPI?)
    /// The body decides: collect it, then ask `answer(_:)` with this target.
    case collect(RequestTarget)
    case handOn
  }

  /// - Parameter request: its target still to be read.
  func judge(_ head: RequestHead, _ request: IncomingRequest) -> Verdict {
    // Who provokes a refusal is handed on, since every request passes once there; so is who names no host, or two.
    if Provoker.isAsked(head.fields) || head.authority.isEmpty { return .handOn }
    let path = head.target
    // A query is not used there, but a target that cannot be read is refused there as anywhere.
    if path == "/verify" || path.hasPrefix("/verify?") && (try? RequestTarget(path)) != nil {
      guard head.isBodiless, head.method == "GET" || head.method == "HEAD" else { return .handOn }
      return forwardAuth.verdictNow(request).map { .answer(secured(request)($0), nil) } ?? .handOn
    }
    if head.method == "POST", gate.issuer.path.isEmpty, let target = Self.endpoints[path] {
      guard let length = head.fields[.contentLength].flatMap(Int.init), length > 0, length <= 16_384,
        // At an API's own host the path is the API's.
        gate.mount(host: request.host, target) == nil
      else { return .handOn }
      return .collect(target)
    }
    guard head.isBodiless, !gate.issuer.apis.isEmpty else { return .handOn }
    return refusal(path, request)
  }

  private static let endpoints = Dictionary(
    ["/oauth/token", "/oauth/introspect", "/oauth/revoke"].compactMap { path in
      (try? RequestTarget(path)).map { (path, $0) }
    }, uniquingKeysWith: { first, _ in first })

  func answer(_ request: IncomingRequest) -> OutgoingAnswer? { endpoints.respondNow(to: request).map(secured(request)) }

  func answerFromStore(_ request: IncomingRequest) async -> OutgoingAnswer {
    secured(request)(await endpoints.respond(to: request))
  }

  /// To what is no HTTP.
  func malformed(_ error: any Error, from peer: String?, _ trace: TraceID) -> OutgoingAnswer {
    let isHeaders = (error as? HTTPParserError) == .headerOverflow
    let refusal: Refusal =
      isHeaders ? .request(.headersTooLarge(limit: 81_920)) : .request(.messageMalformed(Excerpt("\(error)")))
    let request = IncomingRequest(
      method: "(none)", target: .root, headers: [:], host: "", peer: peer, trace: trace)
    return gate.issuer.refuse(refusal, request, place: .api)
  }

  /// RFC 6797 §6.1, as the framework's answers have it.
  private func secured(_ request: IncomingRequest) -> (OutgoingAnswer) -> OutgoingAnswer {
    { answer in
      guard gate.issuer.isSecure, request.host == gate.issuer.host else { return answer }
      var answer = answer
      answer.headers.append(StrictTransportSecurity.field)
      return answer
    }
  }

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
    return .answer(secured(request)(answer), api)
  }
}
