public import OAuth
public import Storage
public import Vocabulary

/// What is written when a person's session ends before its time: the closing itself, a notice for every application
/// that wants to hear of it, and the end of what only the session carried (OpenID Connect Back-Channel Logout §2.5,
/// §2.7).
public struct SessionEnding: Sendable {
  public private(set) var changes: [StoredChange]
  /// The grants among them, for the snapshot.
  public private(set) var closings: [Change] = []

  /// - Parameters:
  ///   - found: as it was read. When somebody gives a grant in it meanwhile, its version is another, and the changes
  ///     conflict: no grant escapes its end.
  ///   - isOver: `false` when the person's stay goes on under another cookie.
  public init(
    _ found: Versioned<Session>, isOver: Bool = true, in store: any Store, now: Instant
  ) async throws(StoreFailure) {
    let session = found.record
    let key = RecordKey(.session, session.digest.hexadecimal)
    changes = [.require(key, at: found.version), .close(key, at: now)]
    guard isOver else { return }
    var clients: [ClientID: Client] = [:]
    var after: String?
    repeat {
      let page = try await store.list(
        .indexed(.grant, index: "session", value: session.id.value, after: after, limit: 200))
      for stored in page {
        let grant = try stored.decode(Grant.self).record
        // Without openid the application never learned who is there.
        guard Self.contains(grant.scopes, "openid") else { continue }
        if clients[grant.client] == nil, let found = try await store.read(Client.self, grant.client.value),
          found.closedAt == nil, found.record.openID.backchannelLogoutURI != nil
        {
          clients[grant.client] = found.record
          tell(found.record, session, now)
        }
        if clients[grant.client] != nil, stored.closedAt == nil, !Self.contains(grant.scopes, "offline_access") {
          closings.append(.closeGrant(grant.id, at: now))
        }
      }
      after = page.count == 200 ? page.last?.key.key : nil
    } while after != nil
    changes += Batch(closings).changes
  }

  /// The end of every session that a person has.
  public static func all(
    of subject: SubjectID, in store: any Store, now: Instant
  ) async throws(StoreFailure) -> [StoredChange] {
    var changes: [StoredChange] = []
    var after: String?
    repeat {
      let page = try await store.list(
        .indexed(.session, index: "subject", value: subject.value, after: after, limit: 200))
      for stored in page where stored.closedAt == nil {
        let session = try stored.decode(Session.self)
        guard session.record.expiresAt > now else { continue }
        changes += try await SessionEnding(session, in: store, now: now).changes
      }
      after = page.count == 200 ? page.last?.key.key : nil
    } while after != nil
    return changes
  }

  private mutating func tell(_ client: Client, _ session: Session, _ now: Instant) {
    changes.append(
      LogoutNotice(
        id: LogoutNoticeID(TraceID.random().uuid), client: client.id, subject: session.subject, session: session.id,
        createdAt: now
      ).insertion)
  }

  private static func contains(_ scopes: Scopes, _ name: String) -> Bool { scopes.list.contains { $0.name == name } }
}
