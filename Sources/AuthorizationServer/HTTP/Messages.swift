public import HTTPTypes
public import Vocabulary

/// A request without a framework: what the endpoints and the gate read.
public struct IncomingRequest: Sendable {
  public let method: String
  public var target: RequestTarget
  public let headers: HTTPFields
  public let host: String
  /// The address of the other end of the connection; `nil` where there is none (in-process tests).
  public let peer: String?
  public let trace: TraceID
  public var body: [UInt8]
  /// Whom a trusted proxy speaks for (the last entry of `X-Forwarded-For`); `nil` without one.
  public var forwardedFor: String?

  /// As the caller wrote it, with its port.
  public var authority = ""

  /// The host without its port, in lower case; an IPv6 address keeps its brackets (RFC 3986 §3.2.2).
  public static func hostName(_ authority: String) -> String {
    if authority.utf8.first == UInt8(ascii: "[") { return authority.prefix { $0 != "]" }.lowercased() + "]" }
    let end = authority.utf8.firstIndex(of: UInt8(ascii: ":")) ?? authority.endIndex
    return authority[..<end].lowercased()
  }

  public init(
    method: String, target: RequestTarget, headers: HTTPFields, host: String, peer: String?, trace: TraceID,
    body: [UInt8] = []
  ) {
    self.method = method
    self.target = target
    self.headers = headers
    self.host = host
    self.peer = peer
    self.trace = trace
    self.body = body
  }

  public func values(_ name: HTTPField.Name) -> [String] { headers[values: name] }

  /// The caller's own trace, if it has one (W3C Trace Context §3.2: more than one is none).
  public var traceContext: TraceContext? {
    guard let name = HTTPField.Name("traceparent"), case let values = values(name), values.count == 1 else {
      return nil
    }
    return TraceContext(values[0])
  }

  /// The media type without parameters, in lower case; `nil` when no content type was sent.
  public var mediaType: String? {
    headers[.contentType].map {
      $0 == "application/x-www-form-urlencoded" ? $0 : $0.prefix { $0 != ";" }.lowercased().trimmed
    }
  }
}

/// An answer without a framework.
public struct OutgoingAnswer: Sendable {
  public var status: Int
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]
  /// Whom a trusted proxy speaks for (the last entry of `X-Forwarded-For`); `nil` without one.
  public var forwardedFor: String?

  public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// How long others may keep what is `cached`, the key set among it.
  static let cacheLifetime = Lifetime(clamping: 300)

  /// A 200 with JSON.
  public static func json(_ bytes: [UInt8], cached: Bool = false) -> OutgoingAnswer {
    OutgoingAnswer(
      status: 200,
      headers: [
        ("Content-Type", "application/json"),
        ("Cache-Control", cached ? "public, max-age=\(cacheLifetime.seconds)" : "no-store"),
      ], body: bytes)
  }
}

extension String {
  /// Without spaces and tabs at either end (RFC 9110 §5.6.3).
  var trimmed: String {
    var text = self[...]
    while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
    while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
    return String(text)
  }
}
