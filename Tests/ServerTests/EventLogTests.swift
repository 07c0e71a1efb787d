import AuthorizationServer
import StrictJSON
import Synchronization
import Testing
import Vocabulary

@Suite("Log lines: OpenTelemetry's log data model, bounded, without credentials")
struct EventLogTests {
  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  private let lines = Lines()

  private func log(_ form: EventLog.Form) -> EventLog {
    let lines = lines
    return EventLog(form, version: "9") { line in lines.all.withLock { $0.append(line) } }
  }

  private var written: [String] { lines.all.withLock { $0 } }

  private let noon = Instant(secondsSince1970: 1_800_000_000)

  @Test func `a line is one JSON object, whatever is in it`() throws {
    log(.json).note(
      LogEvent(
        .security, .warning, noon, "two\nlines", [("doorward.code", "X")], trace: TraceID(random: 1, 2),
        caller: TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")))
    let line = try #require(written.first)
    #expect(!line.contains("\n"))
    let json = try JSON(parsing: Array(line.utf8))
    #expect(json["Timestamp"]?.string == "1800000000000000000")
    #expect(json["TraceId"]?.string == "0af7651916cd43dd8448eb211c80319c")
    #expect(json["SpanId"]?.string == TraceID(random: 1, 2).span)
    #expect(json["SeverityNumber"]?.integer == 13)
    #expect(json["Attributes"]?["doorward.code"]?.string == "X")
    #expect(json["Resource"]?["service.version"]?.string == "9")
  }

  @Test(arguments: EventLog.Form.allCases)
  func `what looks like a credential is cut`(_ form: EventLog.Form) throws {
    let secret = "dwr_" + String(repeating: "a", count: 43)
    log(form).note(LogEvent(.security, .warning, noon, "with \(secret)", [("http.route", "/x/\(secret)")]))
    #expect(written.count == 1)
    #expect(!(written.first ?? secret).contains(secret))
  }

  @Test func `more than six hundred lines in a minute are counted, and the count is told`() throws {
    let log = log(.json)
    for _ in 0..<1000 { log.note(LogEvent(.security, .warning, noon, "x")) }
    #expect(written.count == 600)
    log.note(LogEvent(.security, .warning, noon + Lifetime(clamping: 60), "y"))
    #expect(written.count == 602)
    let told = try JSON(parsing: Array(written[600].utf8))
    #expect(told["EventName"]?.string == "doorward.log.suppressed")
    #expect(told["Attributes"]?["doorward.suppressed"]?.string == "400")
    #expect(told["Attributes"]?["doorward.event"]?.string == "doorward.security_event")
  }
}

extension EventLogTests {
  @Test func `lines of one event keep out none of another`() throws {
    let log = log(.json)
    for _ in 0..<1000 { log.note(LogEvent(.firstSeen, .information, noon, "x")) }
    log.note(LogEvent(.security, .warning, noon, "theft"))
    log.note(LogEvent(.storeFailed, .error, noon, "disk"))
    #expect(written.count == 602)
  }
}

@Suite("W3C Trace Context §3.2: traceparent")
struct TraceContextTests {
  private let ours = TraceID(random: 7, 8)

  @Test func `the caller's trace goes on with our span`() throws {
    let caller = try #require(TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
    #expect(caller.parent == "b7ad6b7169203331")
    #expect(
      TraceContext.forwarded(caller, ours: ours) == "00-0af7651916cd43dd8448eb211c80319c-\(ours.span)-01")
    #expect(TraceContext(TraceContext.forwarded(nil, ours: ours))?.trace == ours.description)
  }

  @Test(arguments: [
    "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
    "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-+1", "00-é-b7ad6b7169203331-01",
  ])
  func `what is not one is ignored`(_ text: String) {
    #expect(TraceContext(text) == nil)
  }
}
