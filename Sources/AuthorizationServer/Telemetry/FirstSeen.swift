import Catalogue
import Vocabulary

/// Which code each registered client was given when last, so that a new one is noticed: the first sign of a release
/// gone wrong. Bounded: two halves, the older of which is dropped when the younger is full.
struct FirstSeen {
  private struct Key: Hashable {
    let client: ClientID
    let code: Code
  }

  /// A code is new again after a day without it.
  static let silence = Lifetime(clamping: 86_400)
  private static let capacity = 20_000
  /// How many records of a client are asked after a restart.
  private static let remembered = 500

  private var young: [Key: Instant] = [:]
  private var old: [Key: Instant] = [:]

  /// Answers whether the code is new for the client.
  /// - Parameter sink: asked once for each client and code, so that a restart makes nothing new.
  mutating func isNew(_ code: Code, for client: ClientID, at now: Instant, _ sink: any JournalSink) -> Bool {
    let key = Key(client: client, code: code)
    let last = young[key] ?? old.removeValue(forKey: key)
    if last == nil || young[key] == nil, young.count >= Self.capacity / 2 {
      old = young
      young = [:]
    }
    young[key] = now
    if let last { return last + Self.silence < now }
    return !sink.has(
      code: code.rawValue, client: client.value, since: (now - Self.silence).millisecondsSince1970,
      among: Self.remembered)
  }
}

extension Journal {
  /// Tells of an entry that somebody should hear of at once. Before it is written: what is in the journal is old.
  func announce(_ entry: JournalEntry, _ findings: Findings?, _ issuer: Issuer?, isProven: Bool) {
    let client = entry.client ?? findings?.client
    if entry.isSecurityEvent {
      log?.note(entry.event(.security, .warning, entry.refusal.explanation.sentence, client))
    }
    // Of registered clients only: names that anybody makes up would be new for ever. And only where it was proven that
    // the client sent it: otherwise a stranger could say that something is wrong with it, or make it be old news.
    guard !entry.isProvoked, isProven, let client, issuer?.snapshot.client(client) != nil else { return }
    let code = entry.refusal.code
    guard noteFirstSeen(code, client, entry.time) else { return }
    log?.note(
      entry.event(.firstSeen, .information, "\(code.rawValue) is new for client \(client) since yesterday", client))
  }

  /// Tells of security events that were counted and not told one by one.
  func announce(_ flood: MergedEntry) {
    guard flood.entry.isSecurityEvent else { return }
    let sentence = "\(flood.count) more like this one: " + flood.entry.refusal.explanation.sentence
    log?.note(flood.entry.event(.security, .warning, sentence, flood.entry.client))
  }
}

extension JournalEntry {
  fileprivate func event(
    _ name: LogEvent.Name, _ severity: LogEvent.Severity, _ body: String, _ client: ClientID?
  ) -> LogEvent {
    var attributes = [
      ("doorward.code", refusal.code.rawValue), ("doorward.reason", refusal.reason.name),
      ("doorward.contract", contract), ("doorward.place", place.rawValue), ("http.route", route),
      ("doorward.trace_id", trace.description),
    ]
    if let client { attributes.append(("doorward.client_id", client.value)) }
    if isProvoked { attributes.append(("doorward.provoked", "true")) }
    return LogEvent(name, severity, time, body, attributes, trace: trace, caller: occasion?.request.traceContext)
  }
}
