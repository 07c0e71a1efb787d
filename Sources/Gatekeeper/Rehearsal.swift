public import AuthorizationServer
import Catalogue
import Dialects
import HTTPTypes
import OAuth
import Storage
import Vocabulary

/// What would happen to a request: the same decisions as at the front door, without a connection and without an API
/// behind it. Whether anything is written depends on the issuer's store alone (`UnwritingStore`).
public struct Rehearsal: Sendable {
  let gate: Gate
  let trusted: TrustedPeers

  public init(gate: Gate, trusted: [String]) {
    self.gate = gate
    self.trusted = TrustedPeers(trusted)
  }

  public enum Outcome: Sendable {
    /// It would be forwarded to the API.
    case admit(Admission)
    /// This would be answered, and nothing forwarded.
    case answer(OutgoingAnswer)
  }

  public func run(_ request: IncomingRequest) async -> Outcome {
    let issuer = gate.issuer
    let endpoints = Endpoints(issuer: issuer)
    let target = request.target.stripping(issuer.path) ?? request.target
    var request = request
    request.target = target
    if target.segments == ["verify"] { return await verify(request) }
    guard target.segments.first != "assets", !endpoints.isAuthorization(target),
      let (api, below) = gate.mount(host: request.host, target)
    else { return .answer(await endpoints.respond(to: request)) }
    let path = api.contract.routing.trailingSlashIgnored ? below.withoutTrailingSlash : below
    let documents = ContractDocuments(issuer: issuer)
    let siblings = issuer.apis.filter { $0.prefix == api.prefix && $0.host == api.host }
    for sibling in siblings where sibling.contract.name != "oauth" {
      guard let rule = sibling.contract.tokenEndpoints.first(where: { $0.path == path.path }) else { continue }
      let endpoint = TokenEndpoint(issuer: issuer, contract: sibling.contract, rule: rule, api: sibling)
      return .answer(await endpoint.respond(to: request))
    }
    for sibling in siblings {
      if let answer = documents.respond(to: request, below: path, sibling) { return .answer(answer) }
    }
    return await decide(api, below, request)
  }

  private func decide(_ api: ProtectedAPI, _ below: RequestTarget, _ request: IncomingRequest) async -> Outcome {
    var verdict = gate.decide(api, below, request)
    if case .lookUp(let pending) = verdict {
      do throws(StoreFailure) {
        verdict = gate.decide(api, below, request, lookup: try await gate.lookUp(pending))
      } catch { return .answer(gate.refuse(Refusal(error), Trail(), request, api, below, route: nil)) }
    }
    switch verdict {
    case .admit(let admission): return .admit(admission)
    case .refuse(let answer): return .answer(answer)
    case .lookUp:
      return .answer(gate.refuse(.service(.fault("no decision")), Trail(), request, api, below, route: nil))
    }
  }

  private func verify(_ request: IncomingRequest) async -> Outcome {
    let forwardAuth = ForwardAuth(gate: gate, trusted: trusted)
    let (answer, pending) = forwardAuth.verdict(request, lookup: .notYet)
    if let answer { return .answer(answer) }
    guard let pending else {
      return .answer(gate.issuer.refuse(.service(.fault("no decision")), request, place: .api))
    }
    do throws(StoreFailure) {
      let second = forwardAuth.verdict(request, lookup: try await gate.lookUp(pending)).answer
      return .answer(second ?? gate.issuer.refuse(.service(.fault("no decision")), request, place: .api))
    } catch { return .answer(gate.issuer.refuse(Refusal(error), request, place: .api)) }
  }
}
