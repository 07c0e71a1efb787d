public import AuthorizationServer
public import Catalogue
import Dialects
import HTTPTypes
import OAuth
import Storage
import Vocabulary

/// `/verify`: the same decision, answered to a proxy that asks (nginx `auth_request`, Caddy `forward_auth`,
/// Traefik, Envoy). The proxy says what was asked in `X-Forwarded-*` or `X-Original-*`; both are believed from
/// configured peers only.
public struct ForwardAuth: Sendable {
  let gate: Gate
  let trusted: TrustedPeers

  public init(gate: Gate, trusted: TrustedPeers) {
    self.gate = gate
    self.trusted = trusted
  }

  /// Whom a trusted proxy speaks for: the last entry of `X-Forwarded-For`; `nil` where the peer is not trusted.
  func caller(_ request: IncomingRequest) -> String? {
    guard trusted.contains(request.peer), let name = HTTPField.Name("X-Forwarded-For") else { return nil }
    return request.values(name).last?.split(separator: ",").last.map(ForwardedAddress.address)
  }

  /// The request a proxy asks about, as a request of its own.
  public func question(_ request: IncomingRequest) throws(Refusal) -> IncomingRequest {
    guard trusted.contains(request.peer) else { throw .route(.unknown(path: "/verify", nearest: nil)) }
    func one(_ names: [String]) throws(Refusal) -> String? {
      let values = names.flatMap { HTTPField.Name($0).map(request.values) ?? [] }
      guard Set(values).count <= 1 else {
        throw .request(.targetAmbiguous("contradictory forwarded headers"))
      }
      return values.first
    }
    guard let method = try one(["X-Forwarded-Method", "X-Original-Method"]) else {
      throw .request(.parameterMissing("X-Forwarded-Method", in: .header))
    }
    guard method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }), method.utf8.count <= 20 else {
      throw .request(.targetAmbiguous("a forwarded method that is none"))
    }
    guard let uri = try one(["X-Forwarded-Uri", "X-Original-URI"]) else {
      throw .request(.parameterMissing("X-Forwarded-Uri", in: .header))
    }
    let host = try one(["X-Forwarded-Host", "X-Original-Host"]) ?? request.host
    var question = IncomingRequest(
      method: method, target: try RequestTarget(uri), headers: request.headers,
      host: IncomingRequest.hostName(host), peer: request.peer, trace: request.trace)
    question.forwardedFor = request.forwardedFor
    return question
  }

  /// The decision, or what must be read first.
  public func verdict(_ request: IncomingRequest, lookup: Gate.Lookup) -> (
    answer: OutgoingAnswer?, lookUp: Gate.PendingLookup?
  ) {
    do throws(Refusal) {
      let question = try question(request)
      guard let (api, target) = gate.mount(host: question.host, question.target) else {
        throw .route(.unknown(path: Excerpt(question.target.path), nearest: nil))
      }
      if gate.isPublicDocument(question, target, api) {
        return (
          admitted(Admission(api: api, target: target, route: nil, trace: request.trace, token: nil, client: nil)), nil
        )
      }
      switch gate.decide(api, target, question, lookup: lookup) {
      case .refuse(let answer): return (answer, nil)
      case .lookUp(let pending): return (nil, pending)
      case .admit(let admission): return (admitted(admission), nil)
      }
    } catch {
      return (gate.issuer.refuse(error, request, place: .api), nil)
    }
  }

  /// The decision where nothing must be waited for; `nil` otherwise.
  func verdictNow(_ request: IncomingRequest) -> OutgoingAnswer? {
    let (answer, pending) = verdict(request, lookup: .notYet)
    guard let pending else { return answer }
    guard case .token(let digest) = pending else { return nil }
    do throws(StoreFailure) {
      let key = RecordKey(.accessToken, digest.hexadecimal)
      guard let found = try gate.issuer.store.readNow([key]) else { return nil }
      let record = try found.first??.decode(AccessTokenRecord.self).record
      return verdict(request, lookup: .done(record)).answer
    } catch { return gate.issuer.refuse(Refusal(error), request, place: .api) }
  }

  private func admitted(_ admission: Admission) -> OutgoingAnswer {
    OutgoingAnswer(
      status: 200,
      headers: admission.headers(issuer: gate.issuer.url) + [("Cache-Control", "no-store")])
  }
}

extension Gate {
  /// The contract's own pages and topics need no credential.
  func isPublicDocument(_ request: IncomingRequest, _ target: RequestTarget, _ api: ProtectedAPI) -> Bool {
    guard ["GET", "HEAD", "OPTIONS"].contains(request.method) else { return false }
    let path = target.path.hasSuffix(".md") ? String(target.path.dropLast(3)) : target.path
    let documents = api.contract.documentation
    return documents.pages.contains { $0.path == path }
      || (!documents.topics.isEmpty && target.segments.starts(with: ["api", "help"]))
  }
}

/// The peers whose forwarded headers count, by address.
public struct TrustedPeers: Sendable {
  private let addresses: Set<String>
  private let loopback: Bool

  /// - Parameter list: literal addresses, or `loopback`.
  public init(_ list: [String]) {
    addresses = Set(list)
    loopback = list.contains("loopback")
  }

  public func contains(_ peer: String?) -> Bool {
    guard let peer else { return false }
    if addresses.contains(peer) { return true }
    return loopback && (peer.hasPrefix("127.") || peer == "::1" || peer.hasPrefix("::ffff:127."))
  }
}
