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
  func find(_ cookie: BrowserCookie) async throws(Refusal) -> Session? { try await stored(cookie)?.record }

  /// The same as it is stored.
  func stored(_ cookie: BrowserCookie) async throws(Refusal) -> Versioned<Session>? {
    guard cookie.isKnown else { return nil }
    do throws(StoreFailure) {
      guard let found = try await issuer.store.read(Session.self, cookie.digest.hexadecimal), found.closedAt == nil,
        found.record.expiresAt > Clock.now,
        let user = try await issuer.store.read(User.self, found.record.username.description), user.closedAt == nil,
        !user.record.isDisabled, user.record.id == found.record.subject
      else { return nil }
      return found
    } catch { throw Refusal(error) }
  }

  /// The person signed in; `nil` as `find` says.
  func user(_ cookie: BrowserCookie) async throws(Refusal) -> User? {
    guard let session = try await find(cookie) else { return nil }
    do throws(StoreFailure) {
      return try await issuer.store.read(User.self, session.username.description)?.record
    } catch { throw Refusal(error) }
  }

  /// A new session under a new cookie; the one before, if there was one, ends. When it was the same person's, their
  /// stay goes on under its old name, so that signing out later still reaches every application.
  func begin(_ user: User, replacing old: BrowserCookie, now: Instant) async throws(Refusal) -> BrowserCookie {
    let cookie = BrowserCookie.fresh()
    for _ in 0..<Self.attempts {
      let before = try await live(old)
      let id: SessionID
      if let before, before.record.subject == user.id {
        id = before.record.id
      } else {
        id = SessionID(TraceID.random().uuid)
      }
      let session = Session(
        digest: cookie.digest, subject: user.id, username: user.username, authenticatedAt: now,
        expiresAt: now + Self.lifetime, id: id)
      let account: Versioned<User>?
      do throws(StoreFailure) {
        account = try await issuer.store.read(User.self, user.username.description)
      } catch { throw Refusal(error) }
      // Whoever is disabled at this very moment gets no session, which would live again with them.
      guard let account, account.closedAt == nil, !account.record.isDisabled else {
        throw .signIn(.userDisabled(user.id))
      }
      do throws(StoreFailure) {
        var batch = Batch([.requireUser(user.username, at: account.version), .insertSession(session)])
        var closings: [Change] = []
        if let before {
          let ending = try await SessionEnding(before, isOver: before.record.id != id, in: issuer.store, now: now)
          batch.changes += ending.changes
          closings = ending.closings
        }
        if try await issuer.store.commit(batch) == .committed {
          issuer.snapshot.applyLocally(closings)
          return cookie
        }
      } catch { throw Refusal(error) }
    }
    throw .service(.storageContended(attempts: Self.attempts))
  }

  func end(_ cookie: BrowserCookie) async throws(Refusal) {
    for _ in 0..<Self.attempts {
      guard let session = try await live(cookie) else { return }
      do throws(StoreFailure) {
        let ending = try await SessionEnding(session, in: issuer.store, now: Clock.now)
        if try await issuer.store.commit(Batch(ending.changes)) == .committed {
          issuer.snapshot.applyLocally(ending.closings)
          return
        }
      } catch { throw Refusal(error) }
    }
    throw .service(.storageContended(attempts: Self.attempts))
  }

  /// A session loses to whatever else is done in it at the same moment; not eight times in a row.
  private static let attempts = 8

  /// The session as it is stored, whatever became of its user.
  private func live(_ cookie: BrowserCookie) async throws(Refusal) -> Versioned<Session>? {
    guard cookie.isKnown else { return nil }
    do throws(StoreFailure) {
      guard let found = try await issuer.store.read(Session.self, cookie.digest.hexadecimal), found.closedAt == nil,
        found.record.expiresAt > Clock.now
      else { return nil }
      return found
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
