public import Catalogue
import Dialects
public import Storage
import StrictJSON
import Synchronization
public import Vocabulary

/// Where records go: a bounded ring apart from the main store, so that it works while that one is down.
public protocol JournalSink: Sendable {
  func write(_ rows: [JournalRow])
  /// How many rows could not be written.
  var lost: Int { get }
  /// Bodies of earlier rows, newest first.
  func recent(limit: Int, client: String?, grant: String?) throws(StoreFailure) -> [[UInt8]]
  func find(trace: String) throws(StoreFailure) -> [UInt8]?
  /// Whether one of a client's newest records has that code, was not provoked, and is no older than `since`, in
  /// milliseconds since 1970.
  func has(code: String, client: String, since: Int64, among limit: Int) -> Bool
}

extension JournalSink {
  public func has(code: String, client: String, since: Int64, among limit: Int) -> Bool { false }
}

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
    var minute: Int64 = 0
    var floods: [FloodKey: Flood] = [:]
    /// Floods of a minute that is over, not written yet.
    var past: [MergedEntry] = []
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
    let key = FloodKey(entry)
    let size = entry.occasion?.size ?? 0
    state.withLock { state in
      state.counts[RefusalCount(entry), default: 0] += 1
      var entry = entry
      if entry.isSecurityEvent {
        guard state.queue.count < limit + Self.reserve else {
          state.dropped += 1
          return
        }
      } else {
        if !Self.isWrittenInFull(entry, key, &state) {
          state.merged += 1
          return
        }
        guard state.queue.count < limit else {
          state.dropped += 1
          return
        }
      }
      if state.held + size > Self.heldLimit { entry.occasion = nil } else { state.held += size }
      state.queue.append(entry)
    }
  }

  private static func isWrittenInFull(_ entry: JournalEntry, _ key: FloodKey, _ state: inout State) -> Bool {
    let minute = entry.time.secondsSince1970 / 60
    if minute != state.minute {
      state.minute = minute
      for key in state.floods.keys { if let merged = state.floods[key]?.drain() { state.past.append(merged) } }
      state.floods = [:]
    }
    if let index = state.floods.index(forKey: key) { return state.floods.values[index].take(entry) }
    if state.floods.count < Flood.keys { return state.floods[key, default: Flood()].take(entry) }
    return state.floods[FloodKey(overflowing: entry), default: Flood()].take(entry)
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
        floods = state.past
        state.past = []
        for key in state.floods.keys { if let merged = state.floods[key]?.drain() { floods.append(merged) } }
      }
      return (state.queue, floods)
    }
    var rows: [JournalRow] = []
    let end = ContinuousClock.now + Self.patience
    for entry in entries {
      // Under a flood of unlike refusals as many of each writing are looked at as there is time; security events always.
      let isExamined = entry.isSecurityEvent || ContinuousClock.now < end
      let findings = isExamined ? await examiner?.examine(entry) : nil
      announce(entry, findings, examiner?.issuer)
      rows.append(ExplanationRecord(entry, findings).row)
      if rows.count == 500 {
        sink.write(rows)
        rows = []
      }
    }
    rows += floods.map { ExplanationRecord($0).row }
    if !rows.isEmpty { sink.write(rows) }
  }

  private static let patience = Duration.seconds(5)

  /// Records that somebody read a record.
  public func audit(reader: Excerpt, read trace: TraceID, by request: TraceID, at time: Instant) {
    let body: JSON = [
      "schema": 2, "event": "explanation_read", "trace_id": .string(request.description),
      "time": .string(time.description), "read": .string(trace.description), "by": .string(reader.description),
    ]
    sink.write([
      JournalRow(
        trace: request.description, time: time.millisecondsSince1970, isSecurityEvent: true, body: body.bytes)
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
