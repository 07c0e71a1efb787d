public import OAuth
public import Storage
public import Vocabulary

/// The changes that withdraw a token or a grant before its time.
public enum Withdrawal {
  public static func token(_ facts: AccessTokenFacts, by author: Revocation.Author, now: Instant, trace: TraceID? = nil)
    -> [Change]
  {
    [.insertRevocation(Revocation(token: facts.id, at: now, by: author, expiresAt: facts.expiresAt, trace: trace))]
  }

  /// Closes the grant; the note beside it says who did.
  public static func grant(
    _ grant: GrantID, by author: Revocation.Author, until: Instant, now: Instant, trace: TraceID? = nil
  ) -> [Change] {
    [
      .closeGrant(grant, at: now),
      .insertRevocation(Revocation(token: TokenID(grant.value), at: now, by: author, expiresAt: until, trace: trace)),
    ]
  }
}

extension Withdrawal {
  /// Takes back what a person gave: the consent, so that nothing is given again without asking, and every grant, and
  /// with them every token. What was given while this was done is taken back, too.
  ///
  /// - Parameter client: to whom it was given; `nil` for everybody.
  /// - Returns: the grants that ended, for the snapshot.
  public static func access(
    of subject: SubjectID, to client: ClientID? = nil, by author: Revocation.Author = .operator, trace: TraceID? = nil,
    in store: any Store, now: Instant
  ) async throws(StoreFailure) -> [Change] {
    var ended: [Change] = []
    // Once more after the consent is gone: a code that was made of it meanwhile is among what is found then.
    for _ in 0..<8 {
      let consents = try await inForce(Consent.self, of: subject, in: store).filter {
        client == nil || $0.client == client
      }
      let grants = try await inForce(Grant.self, of: subject, in: store).filter { client == nil || $0.client == client }
      if consents.isEmpty, grants.isEmpty { return ended }
      let closings = grants.flatMap { Self.whole($0, by: author, now: now, trace: trace) }
      var batch = Batch(closings)
      batch.changes += consents.map { .remove(RecordKey(.consent, $0.storageKey)) }
      // A conflict: somebody else ends one of them at this moment. What is left is found again.
      if try await store.commit(batch) == .committed { ended += closings }
    }
    // Not said to be done while something is left.
    throw .unavailable("what is to be withdrawn is being given again and again")
  }

  /// Ends everything a person has here: what they gave, and their sessions, of which applications are told.
  public static func everything(of subject: SubjectID, in store: any Store, now: Instant) async throws(StoreFailure) {
    _ = try await access(of: subject, in: store, now: now)
    for _ in 0..<8 {
      let endings = Batch(try await SessionEnding.all(of: subject, in: store, now: now))
      if try await store.commit(endings) == .committed { return }
    }
    throw .unavailable("the sessions of this person are being changed by others")
  }

  /// Closes one grant for an operator. With the last one that a person gave a client the consent goes, so that they are asked again;
  /// while there is another it stays, since the person finds at `/account` what they consented to.
  ///
  /// - Returns: how many grants of the two are left.
  public static func one(_ grant: Grant, in store: any Store, now: Instant) async throws(StoreFailure) -> Int {
    // A conflict means that it has ended already: the same end.
    _ = try await store.commit(Batch(whole(grant, by: .operator, now: now)))
    let left = try await inForce(Grant.self, of: grant.subject, in: store).count {
      $0.client == grant.client && $0.expiresAt.map { $0 > now } ?? true
    }
    if left == 0 { _ = try await access(of: grant.subject, to: grant.client, in: store, now: now) }
    return left
  }

  /// What ends a grant, with the note of who did it: for as long as an access token of it may be about; of what a person
  /// gave before grants had an end, for a year.
  public static func whole(
    _ grant: Grant, by author: Revocation.Author, now: Instant, trace: TraceID? = nil
  ) -> [Change] {
    Self.grant(
      grant.id, by: author, until: grant.expiresAt ?? now + Lifetime(clamping: 366 * 86_400), now: now, trace: trace)
  }

  private static func inForce<Record: StorableRecord>(
    _ type: Record.Type, of subject: SubjectID, in store: any Store
  ) async throws(StoreFailure) -> [Record] {
    var found: [Record] = []
    var after: String?
    repeat {
      let page = try await store.list(
        .indexed(Record.kind, index: "subject", value: subject.value, after: after, limit: 200))
      for stored in page where stored.closedAt == nil { found.append(try stored.decode(type).record) }
      after = page.count == 200 ? page.last?.key.key : nil
    } while after != nil
    return found
  }
}
