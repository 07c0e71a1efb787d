public import Catalogue
import Dialects
public import OAuth
import Storage
public import Vocabulary

/// Finds out about a token of any form this server issues: for introspection, revocation and the operator.
public struct TokenInspection: Sendable {
  let issuer: Issuer

  public init(issuer: Issuer) { self.issuer = issuer }

  public enum Finding: Sendable {
    case access(AccessTokenFacts)
    case refresh(RefreshTokenRecord, Versioned<TokenFamily>)
    case refusedAccess(BearerRefusal, AccessTokenFacts?)
    case refusedRefresh(RefreshTokenRefusal, Versioned<TokenFamily>)
    case unknown
  }

  /// A token in JWT form carries what must be known; `nil` for any other, which is in the store.
  func findNow(_ token: Secret, now: Instant) -> Finding? {
    TokenText.has(form: .jwt, token.reveal()) ? judged(jwt(token), now: now) : nil
  }

  /// Looks a token up without judging whom it is for.
  public func find(_ token: Secret, now: Instant) async throws(Refusal) -> Finding {
    let digest = TokenText.digest(token).hexadecimal
    if let found = findNow(token, now: now) { return found }
    do throws(StoreFailure) {
      if let stored = try await issuer.store.read(AccessTokenRecord.self, digest) {
        return judged(.success(stored.record.facts), now: now)
      }
      guard let record = try await issuer.store.read(RefreshTokenRecord.self, digest)?.record,
        let family = try await issuer.store.read(TokenFamily.self, record.family.value)
      else { return .unknown }
      let grantClosed = try await issuer.store.read([RecordKey(.grant, family.record.grant.value)]).first??.closedAt
      if let at = family.closedAt ?? grantClosed {
        return .refusedRefresh(.familyRevoked(family: family.record.id, at: at), family)
      }
      if family.record.expiresAt <= now {
        return .refusedRefresh(.expired(family: family.record.id, at: family.record.expiresAt), family)
      }
      guard RefreshTokenGrant.isCurrent(record, family.record, grace: grace(family.record), now: now) else {
        return .refusedRefresh(.unknown, family)
      }
      return .refresh(record, family)
    } catch { throw Refusal(error) }
  }

  private func grace(_ family: TokenFamily) -> Lifetime {
    let contracts = [issuer.contract] + issuer.apis.map(\.contract)
    let contract = contracts.first { Excerpt($0.name) == family.contract }
    return contract?.refreshToken?.grace ?? Lifetime(clamping: 0)
  }

  /// Any of our algorithms: the key named by `kid` pins its own.
  private func jwt(_ token: Secret) -> Result<AccessTokenFacts, BearerRefusal> {
    var last: BearerRefusal = .unknown
    for algorithm in ["ES256", "RS256", "EdDSA"] {
      var trail = Trail()
      let rule = AccessTokenRule(form: .jwt, algorithm: algorithm, lifetime: .maximum)
      let facts = VerificationFacts(
        issuer: issuer.url, audience: Audience(""), keys: issuer.snapshot.keys.published, stored: nil)
      do throws(Refusal) { return .success(try Verify.genuine(token, rule, facts, trail: &trail)) } catch {
        guard case .bearer(let refusal) = error else { continue }
        if case .algorithmRejected = refusal, case .unknown = last { last = refusal }
        if case .algorithmRejected = refusal { continue }
        last = refusal
      }
    }
    return .failure(last)
  }

  private func judged(_ found: Result<AccessTokenFacts, BearerRefusal>, now: Instant) -> Finding {
    switch found {
    case .failure(let refusal): return .refusedAccess(refusal, nil)
    case .success(let facts):
      var trail = Trail()
      do throws(Refusal) {
        try Verify.standing(
          facts, audience: facts.audience.first ?? Audience(""), standing: issuer.snapshot.standing(of: facts),
          leeway: Lifetime(clamping: 0), now: now, trail: &trail)
        return .access(facts)
      } catch {
        if case .bearer(let refusal) = error { return .refusedAccess(refusal, facts) }
        return .refusedAccess(.unknown, facts)
      }
    }
  }
}
