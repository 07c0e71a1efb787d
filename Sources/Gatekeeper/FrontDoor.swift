public import AuthorizationServer
import Catalogue
import Dialects
import HTTPTypes
public import Hummingbird
import NIOCore
import OAuth
import Storage
import Vocabulary

/// Where every request comes in: mounted APIs and their documents first, `/verify`, then the issuer's endpoints.
public struct FrontDoor: HTTPResponder {
  public typealias Context = PeerContext

  let gate: Gate
  let issuer: Issuer
  let proxy: ReverseProxy
  let forwardAuth: ForwardAuth
  let endpoints: Endpoints
  let documents: ContractDocuments

  public init(issuer: Issuer, gate: Gate, proxy: ReverseProxy, trusted: TrustedPeers) {
    self.issuer = issuer
    self.gate = gate
    self.proxy = proxy
    forwardAuth = ForwardAuth(gate: gate, trusted: trusted)
    endpoints = Endpoints(issuer: issuer)
    documents = ContractDocuments(issuer: issuer)
  }

  public func respond(to request: Request, context: PeerContext) async throws -> Response {
    let arrival = Stopwatch()
    var place: RequestCounts.Place?
    var response = await answer(request, context, &place)
    if let place { issuer.requests.count(place, since: arrival) }
    // RFC 6797 §6.1, §7.1: what is reached over https is not to be reached otherwise. An API's own host is its owner's.
    if issuer.isSecure, IncomingRequest.hostName(request.head.authority ?? "") == issuer.host {
      response.headers[.strictTransportSecurity] = StrictTransportSecurity.field.value
    }
    // RFC 9110 §9.3.2: a body here would be read as the next answer.
    if request.method == .head {
      // Written all the same, into nothing: what comes after it, such as letting go of an upload, must happen.
      let body = response.body
      response.body = ResponseBody(contentLength: body.contentLength) { writer in
        try await body.write(SilentWriter(base: writer))
      }
    }
    return response
  }

  /// - Parameter place: what the request was for, as far as that can be told.
  private func answer(
    _ request: Request, _ context: PeerContext, _ place: inout RequestCounts.Place?
  ) async -> Response {
    let trace = TraceID.random()
    let raw = request.head.path ?? "/"
    let host = IncomingRequest.hostName(request.head.authority ?? "")
    let placeholder = IncomingRequest(
      method: request.method.rawValue, target: .root, headers: request.headers, host: host, peer: context.peer,
      trace: trace)
    let target: RequestTarget
    do throws(Refusal) {
      let whole = try RequestTarget(raw)
      target = whole.stripping(issuer.path) ?? whole
    } catch {
      return Response(issuer.refuse(error, placeholder, place: .api), trace: trace)
    }
    var incoming = IncomingRequest(
      method: request.method.rawValue, target: target, headers: request.headers, host: host, peer: context.peer,
      trace: trace)
    // RFC 9112 §3.2: exactly one Host, and no other authority in the target.
    guard request.head.authority?.isEmpty == false,
      !request.headers.contains(where: { $0.name.canonicalName == "host" })
    else {
      return Response(
        issuer.refuse(.request(.messageMalformed("not exactly one Host header")), incoming, place: .api), trace: trace)
    }
    incoming.authority = request.head.authority ?? ""
    incoming.forwardedFor = forwardAuth.caller(incoming)
    if let fault = Self.framingFault(request) {
      return Response(issuer.refuse(.request(.messageMalformed(fault)), incoming, place: .api), trace: trace)
    }
    issuer.provoker.noteOnLive(incoming)
    let isAuthorization = endpoints.isAuthorization(target)
    place = isAuthorization ? .authorization : RequestCounts.Place(target.segments)
    if target.segments == ["verify"] {
      return await verify(incoming)
    }
    // The style sheet of all pages, those of an API's own host among them.
    if target.segments.first != "assets", !isAuthorization, let (api, below) = gate.mount(host: host, target) {
      place = .api
      return await mounted(api, below, incoming, request, context)
    }
    do throws(Refusal) { incoming.body = try await Self.collect(request) } catch {
      return Response(endpoints.refuse(error, incoming), trace: trace)
    }
    return Response(await endpoints.respond(to: incoming), trace: trace)
  }

  /// Lengths and codings that could be read in two ways (RFC 9112 §6.1, §6.3).
  private static func framingFault(_ request: Request) -> Excerpt? {
    if request.method == .connect { return "CONNECT is not served" }
    for length in request.headers[values: .contentLength] where Int(length) == nil {
      return "a Content-Length that is no length"
    }
    let codings = request.headers[values: .transferEncoding]
    if !codings.isEmpty, codings.map({ $0.lowercased() }) != ["chunked"] { return "a transfer coding beside chunked" }
    return nil
  }

  private func verify(_ request: IncomingRequest) async -> Response {
    var (answer, pending) = forwardAuth.verdict(request, lookup: .notYet)
    if let pending {
      do throws(StoreFailure) {
        answer = forwardAuth.verdict(request, lookup: try await gate.lookUp(pending)).answer
      } catch { answer = issuer.refuse(Refusal(error), request, place: .api) }
    }
    return Response(
      answer ?? issuer.refuse(.service(.fault("no decision")), request, place: .api), trace: request.trace)
  }

  private func mounted(
    _ api: ProtectedAPI, _ below: RequestTarget, _ incoming: IncomingRequest, _ request: Request,
    _ context: PeerContext
  ) async -> Response {
    let contract = api.contract
    let path = contract.routing.trailingSlashIgnored ? below.withoutTrailingSlash : below
    // Two contracts may share a prefix: the token endpoints of both are below it.
    for sibling in issuer.apis where sibling.prefix == api.prefix && sibling.host == api.host {
      guard let rule = sibling.contract.tokenEndpoints.first(where: { $0.path == path.path }) else { continue }
      if sibling.contract.name == "oauth" { continue }
      var token = incoming
      do throws(Refusal) { token.body = try await Self.collect(request) } catch {
        return Response(
          issuer.refuse(error, incoming, contract: sibling.contract, place: .token, path: path.path),
          trace: incoming.trace,
          contract: sibling.contract)
      }
      let answer = await TokenEndpoint(issuer: issuer, contract: sibling.contract, rule: rule, api: sibling).respond(
        to: token)
      return Response(answer, trace: incoming.trace, contract: sibling.contract)
    }
    for sibling in issuer.apis where sibling.prefix == api.prefix && sibling.host == api.host {
      if let answer = documents.respond(to: incoming, below: path, sibling) {
        return Response(answer.below(issuer.path), trace: incoming.trace, contract: sibling.contract)
      }
    }
    var verdict = gate.decide(api, below, incoming)
    if case .lookUp(let pending) = verdict {
      do throws(StoreFailure) {
        verdict = gate.decide(api, below, incoming, lookup: try await gate.lookUp(pending))
      } catch {
        return Response(
          gate.refuse(Refusal(error), Trail(), incoming, api, below, route: nil), trace: incoming.trace,
          contract: contract)
      }
    }
    switch verdict {
    case .refuse(let answer):
      // The framework stops reading such a connection once it has answered; a caller still sending would be stuck.
      if request.headers[.connection]?.lowercased() == "close" { await Self.discard(request.body) }
      return Response(answer, trace: incoming.trace, contract: contract)
    case .admit(let admission):
      if admission.token == nil, admission.client == nil { issuer.provoker.noteUnproven(incoming, .api) }
      let length = request.headers[.contentLength].flatMap(Int.init)
      let hasBody = length.map { $0 > 0 } ?? (request.headers[.transferEncoding] != nil)
      let channel = context.channel
      return await proxy.forward(
        admission, incoming, body: hasBody ? request.body : nil, length: hasBody ? length : 0
      ) { channel.close(promise: nil) }
    case .lookUp:
      return Response(
        gate.refuse(.service(.fault("no decision")), Trail(), incoming, api, below, route: nil), trace: incoming.trace,
        contract: contract)
    }
  }

  /// How much of a body that is refused is read all the same.
  private static let discarded = 16 << 20

  private static func discard(_ body: RequestBody) async {
    var left = discarded
    do {
      for try await buffer in body {
        left -= buffer.readableBytes
        if left <= 0 { return }
      }
    } catch { return }
  }

  /// A token request's body, bounded: what is larger is refused as soon as that is known.
  private static func collect(_ request: Request) async throws(Refusal) -> [UInt8] {
    let limit = 65_536
    var bytes: [UInt8] = []
    var isTooLarge = false
    do {
      // A body has one reader only: what is too large is read to its end by the same one, so that a caller who
      // still sends gets to see the answer instead of a reset connection.
      var left = discarded
      for try await buffer in request.body {
        left -= buffer.readableBytes
        isTooLarge = isTooLarge || bytes.count + buffer.readableBytes > limit
        if left <= 0 { break }
        if !isTooLarge { bytes += buffer.readableBytesView }
      }
    } catch { throw .request(.messageMalformed("the body ended early")) }
    if isTooLarge { throw .request(.bodyTooLarge(limit: limit)) }
    return bytes
  }
}

/// RFC 6797 §6.1: a year.
enum StrictTransportSecurity {
  static let field = (name: "Strict-Transport-Security", value: "max-age=31536000")
}

/// Ends an answer without writing any of its body.
private struct SilentWriter: ResponseBodyWriter {
  var base: any ResponseBodyWriter

  mutating func write(_ buffer: ByteBuffer) async throws {}

  consuming func finish(_ trailingHeaders: HTTPFields?) async throws { try await base.finish(trailingHeaders) }
}

/// What a handler must know of a connection.
public struct PeerContext: InitializableFromSource, Sendable {
  public typealias Source = ApplicationRequestContextSource
  let channel: any Channel
  /// The address at its other end.
  public let peer: String?

  public init(source: ApplicationRequestContextSource) {
    channel = source.channel
    peer = source.channel.remoteAddress?.ipAddress
  }
}
