public import Catalogue
public import Dialects
import JOSE
public import OAuth
public import StrictJSON
import Synchronization
public import Vocabulary

/// Where records go: a bounded ring apart from the main store, so that it works while that one is down.
public protocol JournalSink: Sendable {
  func write(_ entries: [(trace: String, time: Int64, security: Bool, body: [UInt8])])
}

/// What is known of one refusal when it is given; the sentences are made later, behind the answer.
public struct JournalEntry: Sendable {
  public let trace: TraceID
  public let time: Instant
  public let refusal: Refusal
  public let trail: Trail
  public let method: String
  /// The route's template or the endpoint's path, never a query.
  public let route: String
  public let contract: String
  public let place: Place
  public let client: ClientID?
  public let answer: WireRefusal?

  public init(
    trace: TraceID, time: Instant, refusal: Refusal, trail: Trail, method: String, route: String, contract: String,
    place: Place, client: ClientID? = nil, answer: WireRefusal?
  ) {
    self.trace = trace
    self.time = time
    self.refusal = refusal
    self.trail = trail
    self.method = method
    self.route = route
    self.contract = contract
    self.place = place
    self.client = client
    self.answer = answer
  }
}

/// The journal takes entries without waiting and writes them behind the answers, in batches. Its queue is
/// bounded: what does not fit is counted, never waited for.
public final class Journal: Sendable {
  private struct State {
    var queue: [JournalEntry] = []
    var dropped = 0
    var counts: [Code: Int] = [:]
  }

  private let state = Mutex(State())
  private let sink: any JournalSink
  private let limit: Int

  public init(sink: any JournalSink, limit: Int = 20_000) {
    self.sink = sink
    self.limit = limit
  }

  public func record(_ entry: JournalEntry) {
    state.withLock { state in
      state.counts[entry.refusal.code, default: 0] += 1
      if state.queue.count < limit { state.queue.append(entry) } else { state.dropped += 1 }
    }
  }

  /// How often each code was given since the start; for `/metrics`.
  public var counts: [Code: Int] { state.withLock { $0.counts } }
  public var dropped: Int { state.withLock { $0.dropped } }

  /// Writes what is waiting. Called a few times a second, and once more when the server stops.
  public func flush() {
    let entries = state.withLock { state in
      defer { state.queue = [] }
      return state.queue
    }
    guard !entries.isEmpty else { return }
    sink.write(
      entries.map { entry in
        (
          entry.trace.description, entry.time.millisecondsSince1970, entry.isSecurityEvent,
          entry.json.bytes
        )
      })
  }
}

extension JournalEntry {
  /// Kept in a ring of their own, so that a flood of others does not push them out. Only what takes a credential of
  /// ours to bring about: anybody can send a bad signature.
  var isSecurityEvent: Bool {
    switch refusal {
    case .refreshToken(.reused), .refreshToken(.clientMismatch), .bearer(.revokedByContainment):
      true
    case .request, .client, .grant, .scope, .refreshToken, .bearer, .policy, .route, .upstream, .service,
      .configuration,
      .silent, .documentation:
      false
    }
  }

  /// A record has a bounded size, whatever the caller sent.
  static func cut(_ text: String, _ limit: Int) -> String {
    text.utf8.count <= limit ? text : String(decoding: text.utf8.prefix(limit), as: UTF8.self) + "…"
  }

  /// The explanation record. It has no credential: facts cannot carry one, and a body that echoes a value of the
  /// caller's is kept without it.
  public var json: JSON {
    let explanation = refusal.explanation
    var checks = trail.passed.map { JSON.object([.init("name", .string($0.label)), .init("result", "pass")]) }
    checks.append(
      [
        "name": .string(trail.stoppedAt?.label ?? refusal.reason.name), "result": "fail",
        "expected": .string(Redaction.withoutSecrets(explanation.expected)),
        "actual": .string(Redaction.withoutSecrets(explanation.actual)),
      ])
    var members: [JSON.Member] = [
      .init("schema", 1), .init("trace_id", .string(trace.description)), .init("time", .string(time.description)),
      .init(
        "request",
        [
          "method": .string(method), "route": .string(Self.cut(Redaction.withoutSecrets(route), 200)),
          "contract": .string(contract),
          "place": .string(place.rawValue),
        ]),
      .init("code", .string(refusal.code.rawValue)), .init("reason", .string(refusal.reason.name)),
      .init("sentence", .string(Redaction.withoutSecrets(explanation.sentence))), .init("checks", .array(checks)),
    ]
    if let client {
      members.append(.init("client_id", .string(Redaction.withoutSecrets(Excerpt(client.value).description))))
    }
    if let answer {
      members.append(.init("answer", answer.record(echoing: refusal.area.members.contains { $0.name == .presented })))
    }
    return .object(members)
  }
}

extension WireRefusal {
  fileprivate func record(echoing: Bool) -> JSON {
    var members: [JSON.Member] = [
      .init("status", .integer(status)),
      .init("headers", .array(headers.map { .string("\($0.name): \($0.value)") })),
    ]
    members.append(
      .init(
        "body",
        echoing
          ? "(withheld: it repeats a value the caller sent)"
          : .string(JournalEntry.cut(Redaction.withoutSecrets(String(decoding: body, as: UTF8.self)), 2048))))
    return .object(members)
  }
}
