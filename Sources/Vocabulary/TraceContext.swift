/// The caller's own trace (W3C Trace Context §3.2). It is kept beside ours and handed on: a caller must not choose the
/// id under which its refusal is found.
public struct TraceContext: Equatable, Sendable {
  /// 32 lower-case hexadecimal digits, not all of them zero.
  public let trace: String
  /// 16 lower-case hexadecimal digits: the caller's span.
  public let parent: String
  public let isSampled: Bool

  /// Reads `traceparent`; `nil` for what §3.2.2 says to ignore. A later version is read as far as this one goes.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[0].utf8.count == 2, parts[3].utf8.count == 2, parts[0] != "ff" else { return nil }
    guard parts[0] != "00" || parts.count == 4 else { return nil }
    guard parts[..<4].allSatisfy({ $0.utf8.allSatisfy(Self.isDigit) }), let flags = UInt8(parts[3], radix: 16) else {
      return nil
    }
    guard parts[1].utf8.count == 32, parts[1].contains(where: { $0 != "0" }) else { return nil }
    guard parts[2].utf8.count == 16, parts[2].contains(where: { $0 != "0" }) else { return nil }
    trace = String(parts[1])
    parent = String(parts[2])
    isSampled = flags & 1 == 1
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) }

  /// What is sent on (§4.3): the caller's trace with our span in it; a trace of our own where the caller has none.
  /// Whether it is sampled is the caller's decision.
  public static func forwarded(_ caller: TraceContext?, ours: TraceID) -> String {
    "00-\(caller?.trace ?? ours.description)-\(ours.span)-\(caller?.isSampled == true ? "01" : "00")"
  }
}

extension TraceID {
  /// Our span in somebody's trace: the second half of our id, so that one leads to the other. Never zero, since the
  /// variant's bit is in it (RFC 9562 §4.1).
  public var span: String { String(description.suffix(16)) }
}
