public import Foundation
import StrictJSON
import Synchronization
public import Vocabulary

/// What an operator's collector should hear of at once: one line on standard error for each event, as text or as JSON
/// in the members of OpenTelemetry's log data model. Everything else is in the journal and the metrics.
///
/// A class, since everybody writes into one; the lock protects the count that bounds how much is written.
public final class EventLog: Sendable {
  public enum Form: String, CaseIterable, Sendable {
    case text, json
  }

  /// Lines of one event's name in one minute, so that none keeps another out; what is more is counted, and the count
  /// is written.
  private static let limit = 600

  private struct Minute {
    var number: Int64 = 0
    var written: [LogEvent.Name: Int] = [:]
    var suppressed: [LogEvent.Name: Int] = [:]
  }

  private let form: Form
  private let version: String
  private let write: @Sendable (String) -> Void
  private let state = Mutex(Minute())

  /// - Parameter write: takes a line without its end.
  public init(
    _ form: Form, version: String,
    write: @escaping @Sendable (String) -> Void = { FileHandle.standardError.write(Data(($0 + "\n").utf8)) }
  ) {
    self.form = form
    self.version = version
    self.write = write
  }

  public func note(_ event: LogEvent) {
    let minute = event.time.secondsSince1970 / 60
    let (isWritten, suppressed) = state.withLock { state in
      var before: [LogEvent.Name: Int] = [:]
      if state.number != minute {
        before = state.suppressed
        state = Minute(number: minute)
      }
      state.written[event.name, default: 0] += 1
      let isWritten = state.written[event.name, default: 0] <= Self.limit
      if !isWritten { state.suppressed[event.name, default: 0] += 1 }
      return (isWritten, before)
    }
    for name in LogEvent.Name.allCases {
      guard let count = suppressed[name] else { continue }
      write(
        line(
          LogEvent(
            .suppressed, .warning, event.time,
            "\(count) lines of \(name.rawValue) were not written in an earlier minute",
            [("doorward.suppressed", "\(count)"), ("doorward.event", name.rawValue)])))
    }
    if isWritten { write(line(event)) }
  }

  private func line(_ event: LogEvent) -> String {
    let body = Redaction.withoutSecrets(event.body)
    let attributes = event.attributes.map { ($0.0, Redaction.withoutSecrets(Excerpt($0.1).description)) }
    guard form == .json else {
      let facts = attributes.map { "\($0.0.split(separator: ".").last ?? "")=\($0.1)" }
      return (["doorward: \(body)"] + facts).joined(separator: "  ")
    }
    let (nanoseconds, overflow) = event.time.millisecondsSince1970.multipliedReportingOverflow(by: 1_000_000)
    var members: [JSON.Member] = [
      .init("Timestamp", .string(overflow ? "0" : String(nanoseconds))),
      .init("EventName", .string(event.name.rawValue)),
      .init("SeverityText", .string(event.severity.rawValue)),
      .init("SeverityNumber", .integer(event.severity.number)), .init("Body", .string(body)),
    ]
    if let trace = event.trace {
      // The caller's own trace where it has one, so that its tools find the line.
      members.append(.init("TraceId", .string(event.caller?.trace ?? trace.description)))
      members.append(.init("SpanId", .string(trace.span)))
      if event.caller?.isSampled == true { members.append(.init("TraceFlags", .integer(1))) }
    }
    members.append(.init("Attributes", .object(attributes.map { .init($0.0, .string($0.1)) })))
    members.append(
      .init(
        "Resource",
        ["service.name": "doorward", "service.version": .string(version), "process.pid": .integer(Int64(getpid()))]))
    return JSON.object(members).text
  }
}

/// One event. Its attributes are names and facts, never what a caller presented.
public struct LogEvent: Sendable {
  public enum Name: String, CaseIterable, Sendable {
    case started = "doorward.started"
    case stopped = "doorward.stopped"
    case security = "doorward.security_event"
    case firstSeen = "doorward.first_seen"
    case storeFailed = "doorward.store.failed"
    case storeRecovered = "doorward.store.recovered"
    case storeReplaced = "doorward.store.replaced"
    case storeLog = "doorward.store.log"
    case logoutFailed = "doorward.logout.failed"
    case keyRotated = "doorward.key.rotated"
    case keyRotationFailed = "doorward.key.rotation_failed"
    case suppressed = "doorward.log.suppressed"
  }

  /// The short names and numbers of OpenTelemetry's log data model.
  public enum Severity: String, Sendable {
    case information = "INFO"
    case warning = "WARN"
    case error = "ERROR"

    var number: Int64 {
      switch self {
      case .information: 9
      case .warning: 13
      case .error: 17
      }
    }
  }

  let name: Name
  let severity: Severity
  let time: Instant
  let body: String
  let attributes: [(String, String)]
  let trace: TraceID?
  let caller: TraceContext?

  public init(
    _ name: Name, _ severity: Severity, _ time: Instant, _ body: String, _ attributes: [(String, String)] = [],
    trace: TraceID? = nil, caller: TraceContext? = nil
  ) {
    self.name = name
    self.severity = severity
    self.time = time
    self.body = body
    self.attributes = attributes
    self.trace = trace
    self.caller = caller
  }
}
