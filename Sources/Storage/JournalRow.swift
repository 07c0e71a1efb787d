/// One record of the journal as it is kept: the words, and what it is found by.
public struct JournalRow: Sendable {
  /// Each has room of its own, so that a flood of one kind does not push out another.
  public enum Ring: String, CaseIterable, Sendable {
    case refusals = "ring"
    case security
    /// Who looked for a record.
    case audit
  }

  /// 32 hexadecimal digits.
  public let trace: String
  /// Milliseconds since 1970.
  public let time: Int64
  public let ring: Ring
  /// The client, proven or claimed.
  public let client: String?
  /// Whether the request was proven to be the client's.
  public let isProven: Bool
  /// How many refusals it tells of.
  public let count: Int64
  /// The grant the refused credential belongs to.
  public let grant: String?
  public let body: [UInt8]
  /// The traces of refusals that were counted and not written out, 16 bytes each: they lead to this record.
  public let merged: [UInt8]
  /// The caller's own trace, 32 hexadecimal digits (W3C Trace Context §3.2.2.3).
  public let parent: String?

  public init(
    trace: String, time: Int64, ring: Ring, client: String? = nil, isProven: Bool = false, count: Int64 = 1,
    grant: String? = nil, body: [UInt8], merged: [UInt8] = [], parent: String? = nil
  ) {
    self.parent = parent
    self.trace = trace
    self.time = time
    self.ring = ring
    self.client = client
    self.isProven = isProven
    self.count = count
    self.grant = grant
    self.body = body
    self.merged = merged
  }
}
