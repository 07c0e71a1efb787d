public import Vocabulary

/// The narrow waist: four verbs. What is stored is a record with a key, a version, declared indexes and an
/// expiry; engines know nothing of what is in it. An engine is accepted by `StorageConformance`, not by review.
public protocol Store: Sendable {
  /// Reads records by key, all as of one moment. An absent one is `nil`; a closed one is there, with `closedAt`.
  func read(_ keys: [RecordKey]) async throws(StoreFailure) -> [StoredRecord?]

  /// Reads the same at once, on the calling thread; `nil` where the engine would have to wait for it. What is asked all
  /// the time can so be answered on the event loop.
  func readNow(_ keys: [RecordKey]) throws(StoreFailure) -> [StoredRecord?]?

  /// Lists records of one kind, ordered by the listing's own order, at most `limit`, after a position.
  func list(_ listing: Listing) async throws(StoreFailure) -> [StoredRecord]

  /// Makes all changes of the batch, or none. `committed` is answered only when they are durable.
  /// `conflict`: a record was inserted twice, or is not at the version expected; nothing was changed.
  func commit(_ batch: Batch) async throws(StoreFailure) -> CommitOutcome

  /// Removes at most `limit` records that expired before `moment`; answers how many.
  func sweep(expiredBefore moment: Instant, limit: Int) async throws(StoreFailure) -> Int

  /// Tells, as soon as it is known, that another process may have committed what is announced; what it was is read from
  /// the change feed. `nil` where nothing tells so, and the feed has to be read now and then.
  func announcements() -> AsyncStream<Void>?

  /// The history the store is in now; `nil` where it cannot become another one beneath a process that has it open.
  func history() async throws(StoreFailure) -> StoreHistory?

  /// How long the log is that is kept beside the store's file until it is moved into it; `nil` where there is none. A few
  /// microseconds.
  var logBytes: Int64? { get }

  /// Other processes that keep that log from beginning anew by reading an older state, as far as can be told.
  func logReaders() async -> [String]

  /// Does work that one process at a time is to do, of those on this store, unless another is at it.
  ///
  /// It spares the others the work, and cannot keep them from it: whoever stands still loses the turn and goes on all the
  /// same. What is committed has to say what it was decided by, as ever.
  /// - Parameters:
  ///   - name: of the work; plain words.
  ///   - work: is given the store's own time, one clock for all; `nil` where it has none.
  /// - Returns: whether it was this process's turn.
  func inTurn(_ name: String, _ work: @Sendable (Instant?) async throws -> Void) async throws -> Bool

  /// Releases files and connections. Afterwards every verb throws `unavailable`.
  func close() async
}

extension Store {
  public func readNow(_ keys: [RecordKey]) throws(StoreFailure) -> [StoredRecord?]? { nil }
  public func announcements() -> AsyncStream<Void>? { nil }
  public func history() async throws(StoreFailure) -> StoreHistory? { nil }
  public var logBytes: Int64? { nil }
  public func logReaders() async -> [String] { [] }

  public func inTurn(_ name: String, _ work: @Sendable (Instant?) async throws -> Void) async throws -> Bool {
    try await work(nil)
    return true
  }
}

/// The name of a record: its kind, and a key unique within the kind.
public struct RecordKey: Hashable, Sendable {
  public let kind: RecordKind
  public let key: String

  public init(_ kind: RecordKind, _ key: String) {
    self.kind = kind
    self.key = key
  }
}

/// The kinds of record there are. (Junction: one line for each.)
public enum RecordKind: String, CaseIterable, Sendable {
  case client, user
  case signingKey = "signing_key"
  case grant
  case tokenFamily = "token_family"
  case refreshToken = "refresh_token"
  case accessToken = "access_token"
  case revocation
  case session, consent
  case logoutNotice = "logout_notice"
  case subjectSalt = "subject_salt"
  case authorizationCode = "authorization_code"

  /// Whether every commit that touches such a record is announced, so that other processes hear of it:
  /// snapshots in memory are made of these. Of the other kinds only a closing is announced.
  public var isAnnounced: Bool {
    switch self {
    case .client, .user, .signingKey, .revocation: true
    case .grant, .tokenFamily, .refreshToken, .accessToken, .session, .consent, .authorizationCode,
      .logoutNotice, .subjectSalt:
      false
    }
  }
}

/// A record as an engine keeps it.
public struct StoredRecord: Equatable, Sendable {
  public let key: RecordKey
  /// 1 when inserted; one more with each replacement or closing.
  public let version: Int64
  /// The store-wide number of the commit that last touched it: larger is later. A change feed lists by it. Of a record
  /// that was never announced it says nothing.
  public let revision: Int64
  /// A closed record stays readable until it expires; closing is one-way.
  public let closedAt: Instant?
  public let expiresAt: Instant?
  /// Values to list by, by name.
  public let indexes: [String: String]
  public let body: [UInt8]

  public init(
    key: RecordKey, version: Int64, revision: Int64, closedAt: Instant?, expiresAt: Instant?,
    indexes: [String: String], body: [UInt8]
  ) {
    self.key = key
    self.version = version
    self.revision = revision
    self.closedAt = closedAt
    self.expiresAt = expiresAt
    self.indexes = indexes
    self.body = body
  }
}

/// What to list, and in which order.
public enum Listing: Equatable, Sendable {
  /// All records of a kind, by key, strictly after `after`.
  case all(RecordKind, after: String?, limit: Int)
  /// Records of a kind whose index has that value, by key, strictly after `after`.
  case indexed(RecordKind, index: String, value: String, after: String?, limit: Int)
  /// The change feed: announced records of every kind with a revision above `revision`, by revision then kind and
  /// key. A page may be cut only between revisions, unless one revision alone exceeds `limit`: then it is whole.
  case changed(afterRevision: Int64, limit: Int)
  /// Closed records of a kind, closed at or after that moment, by key: what a snapshot loads when it starts.
  case closed(RecordKind, since: Instant, after: String?, limit: Int)
}

public enum CommitOutcome: Equatable, Sendable {
  case committed
  case conflict
}

/// The store could not do it. Never "not found": that is `nil`.
public enum StoreFailure: Error, Equatable, Sendable {
  case unavailable(String)
  case readOnly(String)
  case full(String)
  case damaged(String)
}
