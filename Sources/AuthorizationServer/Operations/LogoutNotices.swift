import JOSE
public import OAuth
public import Storage
import StrictJSON
public import Vocabulary

/// The notices that wait in the store, and the tokens they become (OpenID Connect Back-Channel Logout §2.4). Sending
/// them is left to whoever has an HTTP client.
public struct LogoutNotices: Sendable {
  let issuer: Issuer

  /// What is to be sent, and where.
  public struct Message: Sendable {
    public let address: BackchannelLogoutURI
    public let token: Secret
  }

  public init(issuer: Issuer) { self.issuer = issuer }

  public var counts: LogoutCounts { issuer.logoutCounts }

  /// A page of them, due or not, after a position, and the next page's; `nil` after the last. One that is damaged keeps
  /// nobody from hearing of the others.
  public func page(
    after: String?, limit: Int
  ) async throws(StoreFailure) -> (notices: [Versioned<LogoutNotice>], next: String?) {
    let stored = try await issuer.store.list(.all(.logoutNotice, after: after, limit: limit))
    return (
      stored.compactMap { try? $0.decode(LogoutNotice.self) }, stored.count == limit ? stored.last?.key.key : nil
    )
  }

  /// Takes one for an attempt; `nil` when another process has it.
  public func take(_ found: Versioned<LogoutNotice>, now: Instant) async throws(StoreFailure) -> LogoutNotice? {
    let taken = found.record.taken(now: now)
    let outcome = try await issuer.store.commit(Batch([taken.replacement(expecting: found.version)]))
    return outcome == .committed ? taken : nil
  }

  /// Leaves one for another attempt; answers `false` when there is none left.
  public func postpone(_ notice: LogoutNotice, now: Instant) async throws(StoreFailure) -> Bool {
    guard let postponed = notice.postponed(now: now) else { return false }
    guard let found = try await issuer.store.read(LogoutNotice.self, notice.id.value) else { return true }
    _ = try await issuer.store.commit(Batch([postponed.replacement(expecting: found.version)]))
    return true
  }

  public func remove(_ notice: LogoutNotice) async throws(StoreFailure) {
    _ = try await issuer.store.commit(Batch([StoredChange.remove(RecordKey(.logoutNotice, notice.id.value))]))
  }

  /// A token for this attempt; `nil` when the client or its address is gone, or there is no key to sign with.
  public func message(_ notice: LogoutNotice, now: Instant) -> Message? {
    guard let client = issuer.snapshot.client(notice.client), let address = client.openID.backchannelLogoutURI,
      let key = issuer.snapshot.keys.signingKey(IdentityToken.algorithm),
      let token = try? key.sign(payload: claims(notice, client, now: now).bytes, type: Self.type)
    else { return nil }
    return Message(address: address, token: Secret(token))
  }

  /// RFC 8725 §3.11: a type of its own, so that it is never taken for an ID token.
  static let type = "logout+jwt"
  static let event = "http://schemas.openid.net/event/backchannel-logout"

  /// §2.4; never a `nonce`.
  private func claims(_ notice: LogoutNotice, _ client: Client, now: Instant) -> JSON {
    [
      "iss": .string(issuer.url), "sub": .string(issuer.subjects.name(of: notice.subject, for: client).value),
      "aud": .string(client.id.value), "iat": .integer(now.secondsSince1970),
      "exp": .integer((now + Lifetime(clamping: 120)).secondsSince1970), "jti": .string(TraceID.random().uuid),
      "sid": .string(notice.session.shown(to: client.id).value), "events": .object([.init(Self.event, .object([]))]),
    ]
  }
}
