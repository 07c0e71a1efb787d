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
    guard let last = request.headers.last(where: { $0.name.canonicalName == "x-forwarded-for" }),
      trusted.contains(request.peer)
    else { return nil }
    return last.value.split(separator: ",").last.map(ForwardedAddress.address)
  }

  /// The request a proxy asks about, as a request of its own.
  public func question(_ request: IncomingRequest) throws(Refusal) -> IncomingRequest {
    guard trusted.contains(request.peer) else { throw .route(.unknown(path: "/verify", nearest: nil)) }
    let forwarded = ForwardedFields(request.headers)
    guard let method = try forwarded.method.value() else {
      throw .request(.parameterMissing("X-Forwarded-Method", in: .header))
    }
    guard method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }), method.utf8.count <= 20 else {
      throw .request(.targetAmbiguous("a forwarded method that is none"))
    }
    guard let uri = try forwarded.uri.value() else {
      throw .request(.parameterMissing("X-Forwarded-Uri", in: .header))
    }
    let host = try forwarded.host.value().map(IncomingRequest.hostName)
    var question = IncomingRequest(
      method: method, target: try RequestTarget(uri), headers: request.headers,
      host: host ?? request.host, peer: request.peer, trace: request.trace)
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

/// What a proxy says of the request it asks about, in either of two spellings, read in one pass.
private struct ForwardedFields {
  struct Field {
    private var first: String?
    private var isContradicted = false

    mutating func take(_ value: String) {
      if let first { isContradicted = isContradicted || first != value } else { first = value }
    }

    /// `nil` when it was not sent.
    func value() throws(Refusal) -> String? {
      if isContradicted { throw .request(.targetAmbiguous("contradictory forwarded headers")) }
      return first
    }
  }

  private(set) var method = Field()
  private(set) var uri = Field()
  private(set) var host = Field()

  init(_ fields: HTTPFields) {
    for field in fields where field.name.canonicalName.utf8.first == UInt8(ascii: "x") {
      switch field.name.canonicalName {
      case "x-forwarded-method", "x-original-method": method.take(field.value)
      case "x-forwarded-uri", "x-original-uri": uri.take(field.value)
      case "x-forwarded-host", "x-original-host": host.take(field.value)
      default: continue
      }
    }
  }
}

extension Gate {
  /// The contract's own pages and topics need no credential.
  func isPublicDocument(_ request: IncomingRequest, _ target: RequestTarget, _ api: ProtectedAPI) -> Bool {
    let documents = api.contract.documentation
    guard !documents.pages.isEmpty || !documents.topics.isEmpty,
      ["GET", "HEAD", "OPTIONS"].contains(request.method)
    else { return false }
    let path = target.path.hasSuffix(".md") ? String(target.path.dropLast(3)) : target.path
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
    if !loopback || addresses.count > 1, addresses.contains(peer) { return true }
    return loopback && (peer.hasPrefix("127.") || peer == "::1" || peer.hasPrefix("::ffff:127."))
  }
}
