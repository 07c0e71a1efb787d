import Catalogue
import Dialects
import HTTPTypes
import OAuth
import Storage
import StrictJSON
import Vocabulary

/// `/oauth/userinfo` (OpenID Connect Core §5.3): claims by scope, for an access token that has `openid`.
struct UserInfoEndpoint {
  let issuer: Issuer

  func respond(to request: IncomingRequest) async -> OutgoingAnswer {
    let answer = await respond(to: request, isCurrent: !issuer.isOneOfSeveral)
    if let answer { return answer }
    _ = try? await issuer.snapshot.catchUp(issuer.store)
    return await respond(to: request, isCurrent: true)
      ?? issuer.refuse(.service(.fault("no decision")), request, place: .api)
  }

  /// - Returns: `nil` where the refusal may come of not having heard yet what another node did.
  private func respond(to request: IncomingRequest, isCurrent: Bool) async -> OutgoingAnswer? {
    var trail = Trail()
    var isProvoked = false
    do throws(Refusal) {
      guard ["GET", "HEAD", "POST"].contains(request.method) else {
        throw .request(.methodNotAllowed(seen: Excerpt(request.method), allowed: ["GET", "POST"]))
      }
      let presented = try trail.check(.credentialParsed) { () throws(Refusal) in
        try PresentedToken.extract(
          issuer.contract.credential, authorization: request.values(.authorization), query: request.target.form)
      }
      trail.pass(.credentialPresented)
      let facts = try Verify.genuine(
        presented.token, issuer.contract.accessToken,
        VerificationFacts(
          issuer: issuer.url, audience: Audience(issuer.url), keys: issuer.snapshot.keys.published, stored: nil),
        trail: &trail)
      // Any token of ours may ask who its person is, whichever API it is for (§5.3.1).
      try Verify.standing(
        facts, audience: facts.audience.first ?? Audience(issuer.url), standing: issuer.snapshot.standing(of: facts),
        leeway: Lifetime(clamping: 5), now: Clock.now, trail: &trail)
      try issuer.provoker.honour(request, isProvoked: &isProvoked) {
        var provoked = ProvocationFacts(.api, issuer.contract, client: facts.client)
        provoked.token = facts
        provoked.scopes = Self.scope
        provoked.methods = ["GET", "POST"]
        provoked.target = request.target
        return provoked
      }
      try trail.check(.scopeSufficient) { () throws(Refusal) in try Self.checkScope(facts) }
      return .json(try await claims(facts).bytes)
    } catch {
      if !isCurrent, issuer.mayBeBehind(error) { return nil }
      if !isProvoked { issuer.provoker.noteUnproven(request, refused: error, .api) }
      return issuer.refuse(
        error, trail: trail, request, place: .api, route: "/oauth/userinfo", realm: "userinfo", kind: .userInfo,
        isProvoked: isProvoked)
    }
  }

  static let scope = Scopes(parsing: "openid") ?? .none

  static func checkScope(_ facts: AccessTokenFacts) throws(Refusal) {
    guard scope.isSubset(of: facts.scopes) else { throw .policy(.scopeMissing(needed: scope, held: facts.scopes)) }
  }

  private func claims(_ facts: AccessTokenFacts) async throws(Refusal) -> JSON {
    var members: [JSON.Member] = [.init("sub", .string(facts.subject.value))]
    do throws(StoreFailure) {
      let found = try await issuer.store.list(
        .indexed(.user, index: "id", value: try await account(facts).value, after: nil, limit: 1))
      guard let user = try found.first?.decode(User.self).record else { return .object(members) }
      members += PersonClaim.members(of: PersonClaim.allCases, username: user.username, within: facts.scopes)
      return .object(members)
    } catch { throw Refusal(error) }
  }

  /// Whose token it is: a pairwise name leads nowhere, but the grant knows.
  private func account(_ facts: AccessTokenFacts) async throws(StoreFailure) -> SubjectID {
    guard issuer.snapshot.client(facts.client)?.openID.subjectType == .pairwise, let grant = facts.grant,
      let found = try await issuer.store.read(Grant.self, grant.value)
    else { return facts.subject }
    return found.record.subject
  }
}
