import JOSE
public import OAuth
public import Storage
import Synchronization
public import Vocabulary

/// What every request needs to know, in memory: clients, keys, and what was revoked. It is made of the store's
/// change feed, from the beginning when the server starts and from where it stopped ever after, so that what
/// another process wrote is seen within one poll.
///
/// A class, because all connections share it; the lock protects the whole state.
public final class Snapshot: Sendable {
  struct State: Sendable {
    var revision: Int64 = 0
    /// The name of the history that `revision` belongs to.
    var history: String?
    /// Why the last look at changes failed, and the last one at the history.
    var feedFault: StoreFailure?
    var historyFault: StoreFailure?
    /// The store was seen in a history that could not be read yet.
    var isElsewhere = false
    var clients: [ClientID: Client] = [:]
    /// Names of older versions, which have capitals, by their form without.
    var olderUsernames: [String: String] = [:]
    var closedFamilies: [FamilyID: Instant] = [:]
    var closedGrants: [GrantID: Instant] = [:]
    var revocations: [TokenID: Revocation] = [:]
    var keys = KeyRing()
    /// Raised when something changed that a remembered token might depend on.
    var keyGeneration = 0
  }

  private let state = Mutex(State())
  let keyFile: KeyFile

  public init(keyFile: KeyFile) { self.keyFile = keyFile }

  public func client(_ id: ClientID) -> Client? { state.withLock { $0.clients[id] } }
  public var clients: [Client] { state.withLock { Array($0.clients.values) } }
  func olderUsername(_ folded: String) -> String? { state.withLock { $0.olderUsernames[folded] } }
  public var keys: KeyRing { state.withLock { $0.keys } }
  public var keyGeneration: Int { state.withLock { $0.keyGeneration } }

  /// What has happened to a token since it was issued. Containment is named before what follows from it.
  public func standing(of token: AccessTokenFacts) -> Standing {
    state.withLock { state in
      if let revocation = state.revocations[token.id] { return .revoked(by: revocation.by, at: revocation.at) }
      if let family = token.family, let at = state.closedFamilies[family] { return .familyClosed(family, at: at) }
      if let grant = token.grant, let at = state.closedGrants[grant] {
        if let revocation = state.revocations[TokenID(grant.value)] { return .revoked(by: revocation.by, at: at) }
        return .grantClosed(at: at)
      }
      guard let client = state.clients[token.client], !client.isDisabled else { return .clientDisabled }
      return .inForce
    }
  }

  /// Why the last look at the store failed; `nil` when it did not. While it stands, revocations made by other
  /// processes are not heard of, so the server is not ready. Changes that can be read prove nothing while it is not
  /// known which history they belong to.
  public var fault: StoreFailure? { state.withLock { $0.historyFault ?? $0.feedFault } }

  /// Reads what changed since the last call. Answers whether anything did.
  @discardableResult
  public func catchUp(_ store: any Store) async throws(StoreFailure) -> Bool {
    do throws(StoreFailure) {
      let changed = try await readChanges(store)
      state.withLock { $0.feedFault = nil }
      return changed
    } catch {
      state.withLock { $0.feedFault = error }
      throw error
    }
  }

  /// Looks whether the store is still in the history this was made of. If not, revisions say nothing any more: all of it
  /// is read again. Tokens, families and grants that were revoked stay so here, also where the store has lost it: that
  /// was acknowledged. Clients and keys are what the store says.
  /// - Returns: whether it became another history.
  public func followHistory(_ store: any Store) async throws(StoreFailure) -> Bool {
    do throws(StoreFailure) {
      return try await readHistory(store)
    } catch {
      state.withLock { $0.historyFault = error }
      throw error
    }
  }

  private func readHistory(_ store: any Store) async throws(StoreFailure) -> Bool {
    let (known, reached) = state.withLock { ($0.history, $0.revision) }
    guard let history = try await store.history() else {
      state.withLock { ($0.historyFault, $0.isElsewhere) = (nil, false) }
      return false
    }
    let isAnother = history.name != nil && known != nil && history.name != known
    // Asked for after `reached` was read, so it may be ahead, never behind; but a standby may be, for a while.
    guard isAnother || history.name != nil && history.revision < reached else {
      state.withLock { state in
        // A standby cannot say which it is.
        if history.name == nil, state.isElsewhere { return }
        (state.historyFault, state.isElsewhere) = (nil, false)
        if let name = history.name, known == nil { state.history = name }
      }
      return false
    }
    state.withLock { $0.isElsewhere = true }
    let anew = Snapshot(keyFile: keyFile)
    try await anew.catchUp(store)
    let fresh = anew.state.withLock { $0 }
    state.withLock { state in
      state.revision = fresh.revision
      state.history = history.name
      (state.historyFault, state.isElsewhere) = (nil, false)
      (state.clients, state.olderUsernames, state.keys) = (fresh.clients, fresh.olderUsernames, fresh.keys)
      state.closedFamilies.merge(fresh.closedFamilies, uniquingKeysWith: min)
      state.closedGrants.merge(fresh.closedGrants, uniquingKeysWith: min)
      state.revocations.merge(fresh.revocations) { mine, _ in mine }
      state.keyGeneration += 1
    }
    return true
  }

  private func readChanges(_ store: any Store) async throws(StoreFailure) -> Bool {
    var changed = false
    while true {
      let revision = state.withLock { $0.revision }
      let page = try await store.list(.changed(afterRevision: revision, limit: 500))
      guard let last = page.last else { return changed }
      changed = true
      var updates: [Update] = []
      for record in page { if let update = try update(record) { updates.append(update) } }
      // At once: between an old key's end and its successor's start, no request may find no key. A page that somebody
      // else has taken over meanwhile is dropped: it may be older than what they read.
      state.withLock { state in
        guard state.revision == revision else { return }
        for update in updates { update(&state) }
        state.revision = last.revision
      }
    }
  }

  /// Takes over changes this process committed itself, at once: a revocation holds from the very answer on.
  public func applyLocally(_ changes: [Change]) {
    state.withLock { state in
      for change in changes {
        switch change {
        case .closeFamily(let family, let at): state.closedFamilies[family] = at
        case .closeGrant(let grant, let at): state.closedGrants[grant] = at
        case .insertRevocation(let revocation): state.revocations[revocation.token] = revocation
        case .insertCode, .replaceCode, .saveConsent, .requireConsent, .requireUser, .insertSession, .replaceSession,
          .insertGrant,
          .insertFamily, .replaceFamily,
          .insertRefreshToken, .insertAccessToken:
          break
        }
      }
    }
  }

  private typealias Update = @Sendable (inout State) -> Void

  /// What a record changes; decoded before the lock is taken, so that a damaged one changes nothing.
  private func update(_ record: StoredRecord) throws(StoreFailure) -> Update? {
    switch record.key.kind {
    case .client:
      let client = try record.decode(Client.self)
      return { $0.clients[client.record.id] = record.closedAt == nil ? client.record : nil }
    case .signingKey:
      let key = try record.decode(SigningKeyRecord.self)
      let signing = try keyFile.open(key.record)
      return { state in
        state.keys.set(key.record, signing, closed: record.closedAt != nil)
        state.keyGeneration += 1
      }
    case .revocation:
      let revocation = try record.decode(Revocation.self).record
      return { $0.revocations[revocation.token] = revocation }
    case .tokenFamily: return { $0.closedFamilies[FamilyID(record.key.key)] = record.closedAt }
    case .grant: return { $0.closedGrants[GrantID(record.key.key)] = record.closedAt }
    case .user:
      let name = record.key.key
      let folded = Usernames.folded(name)
      guard folded != name else { return nil }
      let isThere = record.closedAt == nil
      return { $0.olderUsernames[folded] = isThere ? name : nil }
    case .refreshToken, .accessToken, .session, .consent, .authorizationCode, .logoutNotice, .subjectSalt:
      return nil
    }
  }

  /// Makes a key sign, cease to sign, or leave the published set when its moment has come; otherwise one comparison.
  public func refreshKeys(now: Instant) {
    state.withLock { state in
      guard let moment = state.keys.changesAt, moment <= now else { return }
      if state.keys.refresh(now: now) { state.keyGeneration += 1 }
    }
  }

  /// Lets go of what time has ended: revocations of tokens that are over anyway, keys no longer published, and
  /// closings older than any access token can be (a refresh asks the store).
  public func refresh(now: Instant, keeping lifetime: Lifetime) {
    // A month at least: a lifetime that was shortened since does not shorten the tokens that are out.
    let past = now - max(lifetime, Lifetime(clamping: 30 * 86_400))
    state.withLock { state in
      state.closedFamilies = state.closedFamilies.filter { $0.value >= past }
      state.closedGrants = state.closedGrants.filter { $0.value >= past }
      state.revocations = state.revocations.filter { $0.value.expiresAt > now }
      if state.keys.refresh(now: now) { state.keyGeneration += 1 }
    }
  }
}
