import Catalogue
import Dialects
import OAuth
import Vocabulary

extension TokenEndpoint {
  /// What is asked for on purpose: by the header once the client has proven itself by its secret (naming itself is no
  /// proof, RFC 6749 §2.3), or by a magic code or refresh token that was refused as the unknown one it is. Nothing of
  /// the decision is committed then.
  func provoke(
    _ request: TokenRequest, _ incoming: IncomingRequest, _ decision: Decision<Issuance>, _ gathered: TokenFacts,
    _ trail: inout Trail, _ isProvoked: inout Bool
  ) throws(Refusal) {
    let passed = decision.trail.passed
    let isProven = passed.contains(.clientMethodRegistered) && gathered.client?.isPublic == false
    func facts() -> ProvocationFacts {
      var facts = ProvocationFacts(.token, contract, client: request.claimedClient ?? ClientID("test"))
      facts.endpoint = rule
      facts.form = request.form
      facts.api = api
      facts.target = incoming.target
      facts.method = incoming.method
      return facts
    }
    if isProven {
      let before = trail
      for checkpoint in [Checkpoint.parametersOnce, .clientPresented, .clientAuthenticated, .clientMethodRegistered] {
        trail.pass(checkpoint)
      }
      try issuer.provoker.honour(incoming, isProvoked: &isProvoked, facts)
      trail = before
    }
    guard let magic = (request.authorizationCode ?? request.refreshToken)?.reveal(),
      Provoker.reason(ofMagic: magic) != nil, case .failure(let refusal) = decision.outcome
    else { return }
    switch refusal.code {
    case .codeMalformed, .codeRejected, .refreshTokenMalformed, .refreshTokenRejected:
      let before = trail
      for checkpoint in passed where checkpoint != .grantFound { trail.pass(checkpoint) }
      try issuer.provoker.honour(magic: magic, incoming, .token, isProvoked: &isProvoked, facts)
      trail = before
    default: return
    }
  }
}
