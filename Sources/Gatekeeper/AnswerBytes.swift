import AuthorizationServer
import Dialects
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import Vocabulary

/// An answer as the bytes of HTTP/1.1 (RFC 9112 §4). The framework's way there makes every field twice; an answer
/// given on the event loop is spelled out once.
enum AnswerBytes {
  static func write(
    _ answer: OutgoingAnswer, trace: TraceID, contract: Contract?, withBody: Bool, closing: Bool,
    to buffer: inout ByteBuffer
  ) {
    var head = Head()
    head.text("HTTP/1.1 ")
    head.text(String(answer.status))
    head.text(" ")
    head.text(answer.status == 200 ? "OK" : HTTPResponseStatus(statusCode: answer.status).reasonPhrase)
    head.text("\r\n")
    var hasTrace = false
    for (name, value) in answer.headers {
      guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { continue }
      hasTrace = hasTrace || name == "Trace-Id"
      head.field(name, value)
    }
    if !hasTrace {
      head.field("Trace-Id", trace.description)
      if let name = contract?.answers.traceHeader {
        head.field(name, contract?.answers.traceHeaderForm == .uuid ? trace.uuid : trace.description)
      }
    }
    head.field("Content-Length", String(answer.body.count))
    head.field("Date", DateField.now)
    if closing { head.field("Connection", "close") }
    head.text("\r\n")
    buffer.reserveCapacity(head.bytes.count + answer.body.count)
    buffer.writeBytes(head.bytes)
    if withBody { buffer.writeBytes(answer.body) }
  }

  /// Collected in an array and copied once: a buffer looks at its capacity with every piece.
  private struct Head {
    var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(768) }

    mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func field(_ name: String, _ value: String) {
      bytes.append(contentsOf: name.utf8)
      bytes.append(UInt8(ascii: ":"))
      bytes.append(UInt8(ascii: " "))
      bytes.append(contentsOf: value.utf8)
      bytes.append(UInt8(ascii: "\r"))
      bytes.append(UInt8(ascii: "\n"))
    }
  }
}

/// The `Date` field (RFC 9110 §6.6.1), spelled once a second.
enum DateField {
  private static let last = Mutex((second: Int64.min, text: ""))

  static var now: String {
    let second = Clock.now.secondsSince1970
    return last.withLock { last in
      if last.second != second { last = (second, text(second)) }
      return last.text
    }
  }

  /// IMF-fixdate (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
  static func text(_ second: Int64) -> String {
    var time = time_t(second)
    var parts = tm()
    gmtime_r(&time, &parts)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900) "
      + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
  }
}
