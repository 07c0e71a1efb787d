import Catalogue
import OAuth
import Storage
import Vocabulary

/// Sessions in the store, found by the digest of the cookie (OpenID Connect Core §2, RFC 9700 §4.7).
struct Sessions {
  let issuer: Issuer

  static let lifetime = Lifetime(clamping: 12 * 3600)
  /// In test mode: signs in and consents without a page, for clients without a browser.
  static let automaticUser = "auto@example.com"

  /// The session in force; `nil` when there is none, when it is over, or when its user is disabled.
  func find(_ cookie: BrowserCookie) async throws(Refusal) -> Session? {
    guard cookie.isKnown else { return nil }
    do throws(StoreFailure) {
      guard let found = try await issuer.store.read(Session.self, cookie.digest.hexadecimal), found.closedAt == nil,
        found.record.expiresAt > Clock.now,
        let user = try await issuer.store.read(User.self, found.record.username.description), user.closedAt == nil,
        !user.record.isDisabled, user.record.id == found.record.subject
      else { return nil }
      return found.record
    } catch { throw Refusal(error) }
  }

  /// The person signed in; `nil` as `find` says.
  func user(_ cookie: BrowserCookie) async throws(Refusal) -> User? {
    guard let session = try await find(cookie) else { return nil }
    do throws(StoreFailure) {
      return try await issuer.store.read(User.self, session.username.description)?.record
    } catch { throw Refusal(error) }
  }

  /// A new session under a new cookie; the one before, if there was one, ends.
  func begin(_ user: User, replacing old: BrowserCookie, now: Instant) async throws(Refusal) -> BrowserCookie {
    let cookie = BrowserCookie.fresh()
    let session = Session(
      digest: cookie.digest, subject: user.id, username: user.username, authenticatedAt: now,
      expiresAt: now + Self.lifetime)
    do throws(StoreFailure) {
      var batch = Batch([.insertSession(session)])
      if old.isKnown { batch.changes.append(.close(RecordKey(.session, old.digest.hexadecimal), at: now)) }
      _ = try await issuer.store.commit(batch)
      return cookie
    } catch { throw Refusal(error) }
  }

  func end(_ cookie: BrowserCookie) async throws(Refusal) {
    guard cookie.isKnown else { return }
    do throws(StoreFailure) {
      _ = try await issuer.store.commit(
        Batch([StoredChange.close(RecordKey(.session, cookie.digest.hexadecimal), at: Clock.now)]))
    } catch { throw Refusal(error) }
  }

  /// The session of `login_hint=auto@example.com`; it is nowhere stored and has no cookie.
  func automatic(_ demand: AuthorizationDemand) async throws(Refusal) -> Session? {
    guard demand.loginHint == Self.automaticUser, !demand.prompts.contains(.none) else { return nil }
    do throws(StoreFailure) {
      guard let user = try await issuer.store.read(User.self, Self.automaticUser)?.record else { return nil }
      let now = Clock.now
      return Session(
        digest: .zero, subject: user.id, username: user.username, authenticatedAt: now,
        expiresAt: now + Self.lifetime)
    } catch { throw Refusal(error) }
  }
}
