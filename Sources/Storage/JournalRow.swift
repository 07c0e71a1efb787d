/// One record of the journal as it is kept: the words, and what it is found by.
public struct JournalRow: Sendable {
  /// 32 hexadecimal digits.
  public let trace: String
  /// Milliseconds since 1970.
  public let time: Int64
  /// Kept in a ring of its own, so that a flood of others does not push it out.
  public let isSecurityEvent: Bool
  /// The client, proven or claimed.
  public let client: String?
  /// The grant the refused credential belongs to.
  public let grant: String?
  public let body: [UInt8]
  /// The traces of refusals that were counted and not written out, 16 bytes each: they lead to this record.
  public let merged: [UInt8]
  /// The caller's own trace, 32 hexadecimal digits (W3C Trace Context §3.2.2.3).
  public let parent: String?

  public init(
    trace: String, time: Int64, isSecurityEvent: Bool, client: String? = nil, grant: String? = nil, body: [UInt8],
    merged: [UInt8] = [], parent: String? = nil
  ) {
    self.parent = parent
    self.trace = trace
    self.time = time
    self.isSecurityEvent = isSecurityEvent
    self.client = client
    self.grant = grant
    self.body = body
    self.merged = merged
  }
}
