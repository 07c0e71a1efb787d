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

  /// What can be said without waiting: a token in JWT form carries what must be known, any other is in the store, which
  /// may be at hand. `nil` where it is not.
  func findNow(_ token: Secret, now: Instant) throws(Refusal) -> Finding? {
    let digest = TokenText.digest(token)
    let generation = issuer.snapshot.keyGeneration
    // A token that is over, or revoked, is examined like an unknown one, so that time does not tell them apart.
    if let known = issuer.inspected.find(digest, generation: generation), known.expiresAt > now,
      issuer.snapshot.standing(of: known) == .inForce
    {
      return judged(.success(known), now: now)
    }
    if TokenText.has(form: .jwt, token.reveal()) {
      let found = judged(jwt(token), now: now)
      if case .refusedAccess(let refusal, _) = found, issuer.mayBeBehind(refusal) { return nil }
      if case .access(let facts) = found { issuer.inspected.remember(digest, facts, generation: generation) }
      return found
    }
    do throws(StoreFailure) {
      var lookup = Lookup(digest)
      while let keys = lookup.wanted {
        guard let found = try issuer.store.readNow(keys) else { return nil }
        try lookup.take(found)
      }
      return judged(lookup, now: now)
    } catch { throw Refusal(error) }
  }

  /// Looks a token up without judging whom it is for.
  public func find(_ token: Secret, now: Instant) async throws(Refusal) -> Finding {
    if let found = try findNow(token, now: now) { return found }
    do throws(StoreFailure) {
      if TokenText.has(form: .jwt, token.reveal()) {
        try await issuer.snapshot.catchUp(issuer.store)
        return judged(jwt(token), now: now)
      }
      var lookup = Lookup(TokenText.digest(token))
      while let keys = lookup.wanted { try lookup.take(try await issuer.store.read(keys)) }
      let found = judged(lookup, now: now)
      guard case .refusedAccess(let refusal, _) = found, issuer.mayBeBehind(refusal) else { return found }
      try await issuer.snapshot.catchUp(issuer.store)
      return judged(lookup, now: now)
    } catch { throw Refusal(error) }
  }

  private func judged(_ lookup: Lookup, now: Instant) -> Finding {
    if let access = lookup.access {
      issuer.inspected.remember(access.digest, access.facts, generation: issuer.snapshot.keyGeneration)
      return judged(.success(access.facts), now: now)
    }
    guard let record = lookup.refresh, let family = lookup.family else { return .unknown }
    if let at = family.closedAt ?? lookup.grantClosedAt {
      return .refusedRefresh(.familyRevoked(family: family.record.id, at: at), family)
    }
    if family.record.expiresAt <= now {
      return .refusedRefresh(.expired(family: family.record.id, at: family.record.expiresAt), family)
    }
    guard RefreshTokenGrant.isCurrent(record, family.record, grace: grace(family.record), now: now) else {
      return .refusedRefresh(.unknown, family)
    }
    return .refresh(record, family)
  }

  /// The records that an opaque token leads to, one read after the other, whoever reads them.
  private struct Lookup {
    private(set) var wanted: [RecordKey]?
    private(set) var access: AccessTokenRecord?
    private(set) var refresh: RefreshTokenRecord?
    private(set) var family: Versioned<TokenFamily>?
    private(set) var grantClosedAt: Instant?

    init(_ token: Digest) {
      wanted = [RecordKey(.accessToken, token.hexadecimal), RecordKey(.refreshToken, token.hexadecimal)]
    }

    /// Takes what was wanted, in its order.
    mutating func take(_ found: [StoredRecord?]) throws(StoreFailure) {
      wanted = nil
      for case let stored? in found {
        switch stored.key.kind {
        case .accessToken: access = try stored.decode(AccessTokenRecord.self).record
        case .refreshToken:
          let record = try stored.decode(RefreshTokenRecord.self).record
          refresh = record
          wanted = [RecordKey(.tokenFamily, record.family.value)]
        case .tokenFamily:
          let versioned = try stored.decode(TokenFamily.self)
          family = versioned
          wanted = [RecordKey(.grant, versioned.record.grant.value)]
        case .grant: grantClosedAt = stored.closedAt
        case .client, .user, .signingKey, .revocation, .session, .consent, .logoutNotice, .subjectSalt,
          .authorizationCode:
          break
        }
      }
    }
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
