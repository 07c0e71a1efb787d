import Catalogue
import Dialects
import OAuth
import Storage
import Vocabulary

/// `POST /oauth/revoke` (RFC 7009). An unknown token is 200 too; a refresh token takes its whole grant with it.
struct RevocationEndpoint {
  let issuer: Issuer

  func respond(to request: IncomingRequest) async -> OutgoingAnswer {
    var trail = Trail()
    var isProvoked = false
    do throws(Refusal) {
      let (client, token) = try ClientRequest.read(
        request, issuer: issuer, parameter: "token", at: .revocation, trail: &trail, isProvoked: &isProvoked)
      let now = Clock.now
      switch try await TokenInspection(issuer: issuer).find(token, now: now) {
      case .access(let facts), .refusedAccess(_, .some(let facts)):
        guard facts.client == client.id else {
          return ignored(.revocationNotOwner(asker: client.id, holder: facts.client), request, client, trail)
        }
        try await commit(Withdrawal.token(facts, by: .client, now: now, trace: request.trace))
      case .refresh(_, let family), .refusedRefresh(_, let family):
        guard family.record.client == client.id else {
          return ignored(.revocationNotOwner(asker: client.id, holder: family.record.client), request, client, trail)
        }
        try await commit(
          Withdrawal.grant(
            family.record.grant, by: .client, until: family.record.expiresAt, now: now, trace: request.trace))
      case .refusedAccess, .unknown: return ignored(.revocationTokenUnknown, request, client, trail)
      }
      return done
    } catch {
      if case .silent(let refusal) = error { return ignored(refusal, request, nil, trail, isProvoked: isProvoked) }
      if !isProvoked { issuer.provoker.noteUnproven(request, refused: error, .token) }
      return issuer.refuse(
        error, trail: trail, request, place: .token, kind: .inspection, isProvoked: isProvoked)
    }
  }

  private var done: OutgoingAnswer { OutgoingAnswer(status: 200, headers: [("Cache-Control", "no-store")]) }

  private func commit(_ changes: [Change]) async throws(Refusal) {
    do throws(StoreFailure) {
      // A conflict means that it was revoked already: the same end.
      _ = try await issuer.store.commit(Batch(changes))
    } catch { throw Refusal(error) }
    issuer.snapshot.applyLocally(changes)
  }

  private func ignored(
    _ refusal: SilentRefusal, _ request: IncomingRequest, _ client: Client?, _ trail: Trail, isProvoked: Bool = false
  ) -> OutgoingAnswer {
    ClientRequest.record(refusal, request, client, trail, isProvoked, issuer)
    var answer = done
    answer.markProvoked(isProvoked, .silent(refusal))
    return answer
  }
}
