public import JOSE
public import OAuth
public import Storage
public import Vocabulary

/// The signing keys: for each algorithm the newest whose time has come and not gone signs; all that are published verify.
public struct KeyRing: Sendable {
  struct Entry: Sendable {
    let record: SigningKeyRecord
    let key: SigningKey
  }

  private var entries: [KeyID: Entry] = [:]
  private var active: [String: SigningKey] = [:]
  /// The public halves that still verify (RFC 7517 §5).
  public private(set) var published = JSONWebKeySet(keys: [])
  /// When a key begins or ceases to sign, or leaves the published set, next.
  private(set) var changesAt: Instant?

  public init() {}

  mutating func set(_ record: SigningKeyRecord, _ key: SigningKey, closed: Bool) {
    entries[record.id] = closed ? nil : Entry(record: record, key: key)
    refresh(now: Clock.now)
  }

  /// Answers whether a key left the published set.
  @discardableResult
  mutating func refresh(now: Instant) -> Bool {
    let before = published.keys.count
    let inUse = entries.values.filter { $0.record.publishedUntil.map { $0 > now } ?? true }
      .sorted { $0.record.isBefore($1.record) }
    published = JSONWebKeySet(keys: inUse.map(\.key.publicKey))
    active = [:]
    for entry in inUse where entry.record.state(at: now) == .active { active[entry.key.algorithm.rawValue] = entry.key }
    // Where this machine's clock is behind the one the key was made by: better early than no token at all.
    for entry in inUse where entry.record.state(at: now) == .upcoming && active[entry.key.algorithm.rawValue] == nil {
      active[entry.key.algorithm.rawValue] = entry.key
    }
    changesAt = inUse.flatMap { [$0.record.signsFrom, $0.record.retiredAt, $0.record.publishedUntil] }
      .compactMap(\.self).filter { $0 > now }.min()
    return published.keys.count < before
  }

  public func signingKey(_ algorithm: String) -> SigningKey? { active[algorithm] }

  /// For each algorithm, since when the key that signs has.
  var signing: [(alg: String, since: Instant)] {
    active.map { algorithm, key in (algorithm, entries[KeyID(key.kid)]?.record.signsSince ?? Clock.now) }
  }

  /// One that was not withdrawn, whether it is still published or not: what it signed is ours.
  func notWithdrawn(_ id: String) -> JSONWebKey? { entries[KeyID(id)]?.key.publicKey }

  /// Keys that sign no more and are not published either, and when each was retired.
  var formerly: [KeyID: Instant] {
    let names = Set(published.keys.compactMap(\.kid))
    return Dictionary(
      entries.values.compactMap { entry in entry.record.retiredAt.map { (entry.record.id, $0) } }
        .filter { !names.contains($0.0.value) }, uniquingKeysWith: max)
  }

  public var records: [SigningKeyRecord] { entries.values.map(\.record).sorted { $0.isBefore($1) } }
}

extension SigningKeyRecord {
  /// Oldest first; those that were made at once, by algorithm.
  fileprivate func isBefore(_ other: SigningKeyRecord) -> Bool {
    (createdAt, algorithm.description) < (other.createdAt, other.algorithm.description)
  }
}

/// What is done to keys: made on first start, rotated, retired.
public enum KeyLifecycle {
  /// Makes a key for each algorithm that has none. Of several nodes that start at once one makes it: the commit also
  /// rewrites the one salt there is, at the version it was read at.
  public static func ensure(
    _ algorithms: [Algorithm], snapshot: Snapshot, store: any Store, keyFile: KeyFile, now: Instant
  ) async throws {
    for algorithm in algorithms {
      while snapshot.keys.signingKey(algorithm.rawValue) == nil {
        let salt = try await store.read(SubjectSaltRecord.self, SubjectSaltRecord.key)
        // Read after the salt: whoever made a key since has changed that.
        try await snapshot.catchUp(store)
        guard snapshot.keys.signingKey(algorithm.rawValue) == nil else { break }
        var batch = Batch([try make(algorithm, keyFile: keyFile, now: now).insertion])
        if let salt { batch.changes.append(salt.record.replacement(expecting: salt.version)) }
        let outcome = try await store.commit(batch)
        try await snapshot.catchUp(store)
        // A store that forgets what it is told has no keys afterwards either.
        if outcome == .committed { break }
      }
    }
  }

  public static func make(
    _ algorithm: Algorithm, keyFile: KeyFile, signsFrom: Instant? = nil, now: Instant
  ) throws -> SigningKeyRecord {
    var key = try SigningKey.generate(algorithm)
    // One in 64 names begins so, which commands would take for an option.
    while key.kid.hasPrefix("-") { key = try SigningKey.generate(algorithm) }
    let id = KeyID(key.kid)
    return SigningKeyRecord(
      id: id, algorithm: Excerpt(algorithm.rawValue), sealed: try keyFile.seal(key, id: id), createdAt: now,
      signsFrom: signsFrom)
  }

  /// A new key signs, at once or from a moment ahead; the old one stays published until the last token it signed is
  /// over. All that will happen stands in one commit: when its moment comes, no node needs to write or hear anything.
  /// - Parameters:
  ///   - longestLifetime: of a token, counted from when the old key signs its last one.
  ///   - signsFrom: until then the new key is only published; `nil`: from now on.
  ///   - seen: the keys it was decided by; `nil`: those that are there now.
  /// - Returns: the new key and those it retires, or `nil` when another process rotated at the same moment.
  public static func rotate(
    _ algorithm: Algorithm, longestLifetime: Lifetime, signsFrom: Instant? = nil,
    seen: [Versioned<SigningKeyRecord>]? = nil, store: any Store, keyFile: KeyFile, now: Instant
  ) async throws -> (made: SigningKeyRecord, retired: [SigningKeyRecord])? {
    let made = try make(algorithm, keyFile: keyFile, signsFrom: signsFrom, now: now)
    let end = made.signsSince
    var batch = Batch([made.insertion])
    var retired: [SigningKeyRecord] = []
    let keys = if let seen { seen } else { try await store.all(SigningKeyRecord.self) }
    for found in keys
    where found.closedAt == nil && found.record.algorithm == made.algorithm
      && found.record.retiredAt.map({ $0 > end }) ?? true
    {
      var record = found.record
      record.retiredAt = end
      record.publishedUntil = end + longestLifetime
      batch.changes.append(record.replacement(expecting: found.version))
      retired.append(record)
    }
    return try await store.commit(batch) == .committed ? (made, retired) : nil
  }
}
