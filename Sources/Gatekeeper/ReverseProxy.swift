public import AsyncHTTPClient
import AuthorizationServer
import Catalogue
import Dialects
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import OAuth
import Vocabulary

/// Forwards an admitted request and streams the answer back (RFC 9110 §7.6).
public struct ReverseProxy: Sendable {
  let gate: Gate
  let client: HTTPClient

  public init(gate: Gate, client: HTTPClient) {
    self.gate = gate
    self.client = client
  }

  /// Headers that belong to one connection only (RFC 9110 §7.6.1); `Connection` may name more.
  private static let hopByHop: Set<String> = [
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
  ]

  /// With these an API would do something else than what was checked, or believe somebody the gate does not.
  private static let overriding: Set<String> = [
    "x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-original-uri",
    "x-rewrite-url", "x-real-ip", "forwarded",
  ]

  /// Many servers take `X_Auth_Subject` for `X-Auth-Subject`; names with anything but letters, digits and hyphens
  /// are dropped, as nginx does.
  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
  }

  /// - Parameter disconnect: closes the caller's connection, when an API answered without waiting for a body that
  ///   does not come either.
  func forward(
    _ admission: Admission, _ request: IncomingRequest, body: RequestBody?, length: Int?,
    disconnect: @escaping @Sendable () -> Void
  ) async -> Response {
    var outgoing = HTTPClientRequest(url: admission.api.upstream + uri(admission))
    outgoing.method = HTTPMethod(rawValue: request.method)
    let named = Set(
      request.values(.connection).flatMap { $0.split(separator: ",") }.map { $0.lowercased().filter { $0 != " " } })
    let credentialHeader = HTTPField.Name.authorization.canonicalName
    for field in request.headers {
      let name = field.name.canonicalName
      if Self.hopByHop.contains(name) || named.contains(name) || Admission.isIdentityHeader(name) { continue }
      if Self.overriding.contains(name) || !name.utf8.allSatisfy(Self.isPlain) { continue }
      // Our span takes the caller's place (W3C Trace Context §3.4); without a trace its state means nothing (§3.3).
      if name == "traceparent" || (name == "tracestate" && request.traceContext == nil) { continue }
      if name == "content-length" || name == "expect" || name == "trace-id" || name.hasPrefix("x-forwarded-") {
        continue
      }
      // The credential was for the gate; an API that needs none should not hold it.
      if name == credentialHeader { continue }
      outgoing.headers.add(name: field.name.rawName, value: field.value)
    }
    for (name, value) in admission.headers(issuer: gate.issuer.url) { outgoing.headers.add(name: name, value: value) }
    outgoing.headers.add(name: "Trace-Id", value: request.trace.description)
    outgoing.headers.add(
      name: "traceparent", value: TraceContext.forwarded(request.traceContext, ours: request.trace))
    outgoing.headers.add(name: "X-Forwarded-Host", value: request.authority)
    outgoing.headers.add(name: "X-Forwarded-Proto", value: gate.issuer.isSecure ? "https" : "http")
    if let peer = request.peer { outgoing.headers.add(name: "X-Forwarded-For", value: peer) }
    let body = length == 0 ? nil : body.map(ForwardedBody.init)
    if let body {
      outgoing.body = .stream(body, length: length.map { .known(Int64($0)) } ?? .unknown)
    }
    var response: Response
    do {
      response = self.response(
        try await ask(outgoing, deadline: .now() + .seconds(admission.api.timeout.seconds)), admission)
    } catch {
      let answer = gate.refuse(
        .upstream(Self.refusal(error, admission.api.timeout)), Trail(), request, admission.api, admission.target,
        route: admission.route)
      response = Response(answer, trace: request.trace, contract: admission.api.contract)
    }
    if let body { response.body = Self.releasing(body, after: response.body, disconnect) }
    return response
  }

  /// Asks once more when a kept connection turns out to be closed, which an API may do at any time; never what
  /// could be done twice (RFC 9110 §9.2.2).
  private func ask(_ request: HTTPClientRequest, deadline: NIODeadline) async throws -> HTTPClientResponse {
    let isRepeatable = request.body == nil && (request.method == .GET || request.method == .HEAD)
    do { return try await client.execute(request, deadline: deadline) } catch {
      guard isRepeatable, Self.wasClosed(error) else { throw error }
      return try await client.execute(request, deadline: deadline)
    }
  }

  /// A connection that turned out to be closed: noticed while reading, writing, or before either.
  private static func wasClosed(_ error: any Error) -> Bool {
    if let error = error as? IOError { return error.errnoCode == ECONNRESET || error.errnoCode == EPIPE }
    return (error as? HTTPClientError) == .remoteConnectionClosed || error is ChannelError
  }

  private static func releasing(
    _ body: ForwardedBody, after answer: ResponseBody, _ disconnect: @escaping @Sendable () -> Void
  ) -> ResponseBody {
    ResponseBody(contentLength: answer.contentLength) { writer in
      do { try await answer.write(writer) } catch {
        await body.release(disconnect: disconnect)
        throw error
      }
      await body.release(disconnect: disconnect)
    }
  }

  /// The target as it was checked, without a token in its query.
  private func uri(_ admission: Admission) -> String {
    guard let query = admission.target.query else { return admission.target.path }
    let parameter = admission.api.contract.credential.queryParameter ?? "access_token"
    let kept = query.split(separator: "&").filter { pair in
      (try? Form.decode(pair.prefix { $0 != "=" }.utf8, plusIsSpace: true)) != parameter
    }
    return kept.isEmpty ? admission.target.path : admission.target.path + "?" + kept.joined(separator: "&")
  }

  private static func refusal(_ error: any Error, _ timeout: Lifetime) -> UpstreamRefusal {
    if wasClosed(error) { return .connect("the connection was closed before an answer") }
    if let error = error as? HTTPClientError {
      if error == .deadlineExceeded || error == .readTimeout { return .timeout(after: timeout) }
      if error == .connectTimeout { return .connect("no connection in time") }
      return .responseInvalid(Excerpt("\(error)"))
    }
    if error is HTTPParserError { return .responseInvalid(Excerpt("\(error)")) }
    if let error = error as? IOError, error.errnoCode == ECONNREFUSED { return .connect("the connection was refused") }
    return .connect(Excerpt("\(type(of: error))"))
  }

  private func response(_ answer: HTTPClientResponse, _ admission: Admission) -> Response {
    var headers = HTTPFields()
    for (name, value) in answer.headers {
      guard let name = HTTPField.Name(name), !Self.hopByHop.contains(name.canonicalName) else { continue }
      headers.append(HTTPField(name: name, value: value))
    }
    TraceHeaders.set(&headers, admission.trace, admission.api.contract)
    // A token in a URL must not make its answer a cache's property (RFC 6750 §2.3).
    if let name = admission.api.contract.credential.queryParameter, admission.target.form?[name] != nil {
      headers[.cacheControl] = "private, no-store"
      if let policy = HTTPField.Name("Referrer-Policy") { headers[policy] = "no-referrer" }
    }
    return Response(
      status: HTTPResponse.Status(code: Int(answer.status.code)), headers: headers,
      body: ResponseBody(asyncSequence: answer.body))
  }
}
