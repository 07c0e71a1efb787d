public import Catalogue
import Dialects
import Storage
import StrictJSON
import Synchronization
public import Vocabulary

/// The journal takes entries without waiting and writes them behind the answers, in batches. Its queue is
/// bounded: what does not fit is counted, never waited for.
public final class Journal: Sendable {
  private struct State {
    var queue: [JournalEntry] = []
    /// What the queue's requests hold, in bytes.
    var held = 0
    var dropped = 0
    var merged = 0
    var counts: [RefusalCount: Int] = [:]
    var floods = Floods.ordinary
    var security = Floods.security
    var firstSeenCounts: [Code: Int] = [:]
  }

  private let state = Mutex(State())
  public let sink: any JournalSink
  private let limit: Int
  /// Where somebody hears of some entries at once.
  let log: EventLog?
  private let firstSeen = Mutex(FirstSeen())
  /// Beyond this many bytes, requests are not kept for a second look.
  private static let heldLimit = 32 << 20
  /// Room that only security events may use.
  private static let reserve = 1_000

  public init(sink: any JournalSink, limit: Int = 20_000, log: EventLog? = nil) {
    self.log = log
    self.sink = sink
    self.limit = limit
  }

  public func record(_ entry: JournalEntry) {
    let size = entry.occasion?.size ?? 0
    state.withLock { state in
      state.counts[RefusalCount(entry), default: 0] += 1
      var entry = entry
      guard let rank = entry.isSecurityEvent ? state.security.take(entry) : state.floods.take(entry) else {
        state.merged += 1
        return
      }
      entry.rank = rank
      guard state.queue.count < limit + (entry.isSecurityEvent ? Self.reserve : 0) else {
        state.dropped += 1
        return
      }
      if state.held + size > Self.heldLimit { entry.occasion = nil } else { state.held += size }
      state.queue.append(entry)
    }
  }

  /// Answers whether the code is new for the client, and counts it then.
  func noteFirstSeen(_ code: Code, _ client: ClientID, _ time: Instant) -> Bool {
    guard firstSeen.withLock({ $0.isNew(code, for: client, at: time, sink) }) else { return false }
    state.withLock { $0.firstSeenCounts[code, default: 0] += 1 }
    return true
  }

  /// How often each code was new for a client; for `/metrics`.
  var firstSeenCounts: [Code: Int] { state.withLock { $0.firstSeenCounts } }

  /// How often each code was given since the start, by place and contract; for `/metrics`.
  public var counts: [RefusalCount: Int] { state.withLock { $0.counts } }
  /// Refusals that found the queue full.
  public var dropped: Int { state.withLock { $0.dropped } }
  /// Refusals that were counted with others like them.
  public var merged: Int { state.withLock { $0.merged } }

  /// Writes what is waiting. Called a few times a second, and once more when the server stops.
  /// - Parameters:
  ///   - examiner: looks at each request a second time.
  ///   - withFloods: also writes what was merged since.
  public func flush(examiner: Examiner? = nil, withFloods: Bool = true) async {
    let (entries, floods) = state.withLock { state in
      defer {
        state.queue = []
        state.held = 0
      }
      var floods: [MergedEntry] = []
      if withFloods {
        floods = state.floods.drain() + state.security.drain()
      }
      return (state.queue, floods)
    }
    var rows: [JournalRow] = []
    let end = ContinuousClock.now + Self.patience
    var next = ContinuousClock.now + Self.pause
    for entry in Self.inTurn(entries) {
      // Under a flood of unlike refusals as many of each writing are looked at as there is time; security events always.
      let isExamined = entry.isSecurityEvent || ContinuousClock.now < end
      let findings = isExamined ? await examiner?.examine(entry) : nil
      let row = ExplanationRecord(entry, findings).row
      announce(entry, findings, examiner?.issuer, isProven: row.isProven)
      rows.append(row)
      // Reading SQLite suspends nothing. On a machine with one core the requests that need a thread of Swift's pool, such
      // as those for an API or a page, would otherwise wait until all records are made.
      await Task.yield()
      // Whoever looks for a record just now need not wait for all that came with it.
      if rows.count == 500 || ContinuousClock.now > next {
        sink.write(rows)
        rows = []
        next = ContinuousClock.now + Self.pause
      }
    }
    for flood in floods {
      announce(flood)
      rows.append(ExplanationRecord(flood).row)
    }
    if !rows.isEmpty { sink.write(rows) }
  }

  private static let patience = Duration.seconds(5)
  private static let pause = Duration.milliseconds(200)
  /// So many are looked at as they came.
  private static let few = 200

  /// Where there are many, security events and then the first of each kind: somebody's mass of refusals leaves the
  /// others their near misses.
  private static func inTurn(_ entries: [JournalEntry]) -> [JournalEntry] {
    if entries.count <= few { return entries }
    let turns = entries.map { $0.isSecurityEvent ? 0 : $0.rank }
    return entries.indices.sorted { (turns[$0], $0) < (turns[$1], $1) }.map { entries[$0] }
  }

  /// Records that somebody looked for a record, whether or not there was one.
  /// - Parameter read: the trace they asked for, or what else they read.
  public func audit(reader: Excerpt, read: String, isFound: Bool = true, by request: TraceID, at time: Instant) {
    var members: [JSON.Member] = [
      .init("schema", 2), .init("event", "explanation_read"), .init("trace_id", .string(request.description)),
      .init("time", .string(time.description)), .init("read", .string(read)),
      .init("by", .string(reader.description)),
    ]
    if !isFound { members.append(.init("found", false)) }
    sink.write([
      JournalRow(
        trace: request.description, time: time.millisecondsSince1970, ring: .audit, body: JSON.object(members).bytes)
    ])
  }
}

/// What refusals are counted by: nothing that a caller can make up (OpenMetrics: bounded labels).
public struct RefusalCount: Hashable, Sendable {
  public let code: Code
  public let contract: String
  public let place: Place
  /// The route's template; a path nobody configured counts as none.
  public let route: String

  init(_ entry: JournalEntry) {
    code = entry.refusal.code
    contract = entry.contract
    place = entry.place
    route = entry.occasion?.routeLabel ?? "(none)"
  }
}

extension Occasion {
  /// Bounded by the configuration.
  var routeLabel: String {
    switch kind {
    case .api(let api, _, let route): api.prefixPath + (route?.template ?? "(none)")
    case .token(_, let rule, let api): (api?.prefixPath ?? "") + rule.path
    case .authorization(_, let rule, let api): (api?.prefixPath ?? "") + rule.path
    case .reauthentication(_, _, let rule, let api): (api?.prefixPath ?? "") + rule.path
    case .inspection, .userInfo: request.target.path
    case .other: "(none)"
    }
  }
}
