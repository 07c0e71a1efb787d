import Dialects
import JOSE
public import OAuth
import Storage
import Synchronization
public import Vocabulary

/// When signing keys are replaced by themselves: each signs for a while, and its successor is published before that is
/// over, so that whoever keeps the key set has the new key when its first token comes.
public struct KeyRotationRule: Equatable, Sendable {
  /// How long a key signs.
  public let rotateAfter: Lifetime
  /// For how long a key is published before it signs.
  public let publishBefore: Lifetime

  /// - Returns: `nil` where a key would have to be published before its predecessor signs.
  public init?(rotateAfter: Lifetime, publishBefore: Lifetime) {
    guard publishBefore < rotateAfter else { return nil }
    self.rotateAfter = rotateAfter
    self.publishBefore = publishBefore
  }

  private init(days: Int64, ahead: Int64) {
    rotateAfter = Lifetime(clamping: days * 86_400)
    publishBefore = Lifetime(clamping: ahead * 86_400)
  }

  /// A day ahead: libraries keep a key set for minutes to hours.
  public static let standard = KeyRotationRule(days: 90, ahead: 1)

  /// When a key's successor is to be made; it signs `publishBefore` later.
  public func successorDue(after key: SigningKeyRecord) -> Instant {
    key.signsSince + Lifetime(clamping: rotateAfter.seconds - publishBefore.seconds)
  }

  /// - Parameter newest: the one that has no successor yet.
  func isDue(_ newest: SigningKeyRecord, at now: Instant) -> Bool {
    // A key whose time lies further ahead than a whole period was made by a clock that was wrong.
    successorDue(after: newest) <= now || newest.signsSince > now + rotateAfter
  }
}

/// Rotates the keys that are due. Every node may: one at a time gets the turn, looks again at what is stored, and
/// commits at the versions it read, so that a node that stood still in its turn changes nothing afterwards.
public struct KeyRotation: Sendable {
  let issuer: Issuer
  let rule: KeyRotationRule

  public init(issuer: Issuer, rule: KeyRotationRule) {
    self.issuer = issuer
    self.rule = rule
  }

  public enum Outcome: Sendable {
    case rotated([(made: SigningKeyRecord, retired: [SigningKeyRecord])])
    /// Another process has the turn, or was faster.
    case leftToAnother
    /// Not by the store's clock, which is the one for all nodes.
    case notDue(until: Lifetime)
  }

  /// Whether it is worth the store's time, as far as this process knows.
  public func isDue(at now: Instant) -> Bool {
    newest(issuer.snapshot.keys.records).contains { rule.isDue($0, at: now) }
  }

  /// - Throws: `StoreFailure`, or what `KeyLifecycle.rotate` throws; then no key was made that could be told of.
  public func rotate(now: Instant) async throws -> Outcome {
    let work = Work()
    let hadTurn = try await issuer.store.inTurn(Self.turn) { storeTime in
      try await work.set(rotateDue(now: storeTime ?? now))
    }
    guard hadTurn, let outcome = await work.outcome else { return .leftToAnother }
    if case .rotated(let rotations) = outcome {
      issuer.keyRotations.add(rotations.count, ordering: .relaxed)
      // They sign from a moment ahead, so that a look that fails now is made up for.
      _ = try? await issuer.snapshot.catchUp(issuer.store)
    }
    return outcome
  }

  /// What `inTurn` calls it, whoever rotates.
  public static let turn = "key rotation"

  private func rotateDue(now: Instant) async throws -> Outcome {
    let stored = try await issuer.store.all(SigningKeyRecord.self)
    let newest = newest(stored.filter { $0.closedAt == nil }.map(\.record))
    let due = newest.filter { rule.isDue($0, at: now) }
    guard !due.isEmpty else {
      let next = newest.map(rule.successorDue).min() ?? now
      return .notDue(until: Lifetime(clamping: next.seconds(since: now) + 1))
    }
    // A node that has not heard of it signs on with the old key: it may be cut off for as long again as keys are
    // published ahead, and what it signs is still accepted.
    let kept = Lifetime(clamping: issuer.longestTokenLifetime.seconds + rule.publishBefore.seconds)
    var rotations: [(made: SigningKeyRecord, retired: [SigningKeyRecord])] = []
    // One rotation of an algorithm replaces all its keys that are due.
    for name in Set(due.map(\.algorithm.description)).sorted() {
      guard let algorithm = Algorithm(rawValue: name) else { continue }
      do {
        let rotation = try await KeyLifecycle.rotate(
          algorithm, longestLifetime: kept, signsFrom: now + rule.publishBefore, seen: stored,
          store: issuer.store, keyFile: issuer.snapshot.keyFile, now: now)
        if let rotation { rotations.append(rotation) }
      } catch {
        // What was made is told of. The others are due still: the next attempt fails or makes them.
        if rotations.isEmpty { throw error }
        break
      }
    }
    return rotations.isEmpty ? .leftToAnother : .rotated(rotations)
  }

  /// Of each algorithm the one without a successor.
  private func newest(_ records: [SigningKeyRecord]) -> [SigningKeyRecord] { records.filter { $0.retiredAt == nil } }

  private actor Work {
    private(set) var outcome: Outcome?

    func set(_ outcome: Outcome) { self.outcome = outcome }
  }
}

extension Issuer {
  /// Of any token that is signed with a key that rotates.
  var longestTokenLifetime: Lifetime { max(longestAccessToken, IdentityToken.lifetime) }

  /// Of all contracts that are served.
  public var longestAccessToken: Lifetime {
    ([contract] + apis.map(\.contract)).map(\.accessToken.lifetime).max() ?? .maximum
  }
}
