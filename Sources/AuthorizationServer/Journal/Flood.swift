import Catalogue
import HTTPTypes
import OAuth
import Vocabulary

/// Refusals that are alike: same reason, same client, same network, in the same minute. The first thousand are
/// written in full; of the rest the last is, with how many there were and all their traces. A flood then costs a
/// count, and hides nothing else. Of security events, which take a credential of ours, those are alike that are about
/// the same grant.
struct FloodKey: Hashable {
  let reason: String
  /// A registered one: names that anybody makes up are told apart by nothing but the network.
  let client: ClientID?
  /// Whether the request proved to be the client's: what a stranger sends in its name is counted apart.
  let isProven: Bool
  /// /24 of IPv4, /64 of IPv6; of a security event, what it is about.
  let origin: String

  init(_ entry: JournalEntry) {
    self.init(entry, entry.isSecurityEvent ? entry.securitySubject : Self.network(entry))
  }

  /// Where too many keys are open, whoever makes them up. Clients stay apart: there are as many as are registered.
  init(overflowing entry: JournalEntry) { self.init(entry, "(many)") }

  private init(_ entry: JournalEntry, _ origin: String) {
    reason = entry.refusal.reason.name
    client = entry.isClientRegistered ? entry.client : nil
    isProven = entry.trail.hasPassed(.clientAuthenticated)
    self.origin = origin
  }

  /// Of the caller, not of the proxy before us.
  private static func network(_ entry: JournalEntry) -> String {
    let request = entry.occasion?.request
    return (request?.forwardedFor ?? request?.peer).map { Network.prefix($0) } ?? ""
  }
}

extension JournalEntry {
  /// What a security event is about: the grant or family where the refusal names it, or the client whose token it is.
  fileprivate var securitySubject: String {
    switch refusal {
    case .refreshToken(.reused(_, let grant, _, _, _, _)), .grant(.codeReused(let grant, _)): grant.value
    case .refreshToken(.clientMismatch(let holder, _)), .grant(.codeClientMismatch(let holder, _)): holder.value
    case .bearer(.revokedByContainment(let family?, _)): family.value
    // Of a code no family is known; the token stands for its grant. The hash differs from run to run.
    case .bearer(.revokedByContainment(nil, _)): String(occasion?.request.headers[.authorization]?.hashValue ?? 0)
    case .request, .client, .grant, .scope, .refreshToken, .bearer, .policy, .route, .upstream, .service,
      .configuration, .silent, .documentation, .authorization, .signIn:
      ""
    }
  }
}

struct Flood {
  /// How many merged traces can be found again, for each key and each writing.
  static let traces = 65_536

  /// How large a request may be that is kept with the last refusal, in bytes.
  private static let occasion = 8 << 10

  private(set) var seen = 0
  private(set) var merged = 0
  private(set) var traces: [UInt8] = []
  private(set) var first: Instant?
  private(set) var last: JournalEntry?

  /// Answers which of its kind the entry is, where it is to be written in full; `nil` where it was merged.
  mutating func take(_ entry: JournalEntry, inFull: Int) -> Int? {
    seen += 1
    if seen <= inFull { return seen }
    merged += 1
    first = first ?? entry.time
    if traces.count < Self.traces * 16 { entry.trace.append(to: &traces) }
    last = entry
    // What the caller presented as a credential is kept out of the record by it.
    if (entry.occasion?.size ?? 0) > Self.occasion { last?.occasion = nil }
    return nil
  }

  /// What was merged since the last writing.
  mutating func drain() -> MergedEntry? {
    guard let last, let first, merged > 0 else { return nil }
    defer {
      merged = 0
      traces = []
      self.first = nil
      self.last = nil
    }
    return MergedEntry(entry: last, count: merged, first: first, traces: traces)
  }
}

/// The floods of the minute that is running, and what is left of those before to be written.
struct Floods {
  /// How many keys are told apart in a minute.
  private static let keys = 4096

  /// How many of one key are written in full before merging begins.
  private let inFull: Int
  /// How many of one reason are, for each client, whatever they are about; `nil` without such a bound.
  private let inFullOfClient: Int?
  private var minute: Int64 = 0
  private var open: [FloodKey: Flood] = [:]
  private var over: [MergedEntry] = []

  static var ordinary: Floods { Floods(inFull: 1_000, inFullOfClient: nil) }
  /// A client can make as many grants of its own as it likes, and break each of them.
  static var security: Floods { Floods(inFull: 30, inFullOfClient: 120) }

  private init(inFull: Int, inFullOfClient: Int?) {
    self.inFull = inFull
    self.inFullOfClient = inFullOfClient
  }

  /// Answers which of its kind the entry is, where it is to be written in full; `nil` where it was merged.
  mutating func take(_ entry: JournalEntry) -> Int? {
    let now = entry.time.secondsSince1970 / 60
    if now != minute {
      minute = now
      over = drain()
      open = [:]
    }
    let key = FloodKey(entry)
    let many = FloodKey(overflowing: entry)
    guard open[key] != nil || open.count < Self.keys else {
      return open[many, default: Flood()].take(entry, inFull: inFullOfClient ?? inFull)
    }
    guard let rank = open[key, default: Flood()].take(entry, inFull: inFull) else { return nil }
    guard let inFullOfClient else { return rank }
    return open[many, default: Flood()].take(entry, inFull: inFullOfClient)
  }

  /// What was merged since the last writing.
  mutating func drain() -> [MergedEntry] {
    defer { over = [] }
    var drained = over
    for key in open.keys { if let merged = open[key]?.drain() { drained.append(merged) } }
    return drained
  }
}

/// Many refusals as one record: the last of them, and how many there were.
struct MergedEntry {
  let entry: JournalEntry
  let count: Int
  let first: Instant
  let traces: [UInt8]
}
