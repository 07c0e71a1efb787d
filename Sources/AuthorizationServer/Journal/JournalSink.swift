public import Storage

/// Where records go: a bounded ring apart from the main store, so that it works while that one is down.
public protocol JournalSink: Sendable {
  func write(_ rows: [JournalRow])
  /// How many rows could not be written.
  var lost: Int { get }
  /// Bodies of earlier rows, newest first.
  func recent(limit: Int, client: String?, grant: String?) throws(StoreFailure) -> [[UInt8]]
  func find(trace: String) throws(StoreFailure) -> [UInt8]?
  /// Whether one of a client's newest records that were proven to be its own has that code, was not provoked, and is no
  /// older than `since`, in milliseconds since 1970.
  func has(code: String, client: String, since: Int64, among limit: Int) -> Bool
  /// The record of that trace, among those that were proven to be of these clients; no others are looked at.
  func find(trace: String, ofClients clients: [String]) throws(StoreFailure) -> [UInt8]?
  /// The newest records that were proven to be of the client, newest first: what strangers send in its name does not
  /// push them out.
  func recent(limit: Int, provenOf client: String) throws(StoreFailure) -> [[UInt8]]
  /// How many of the newest refusals only named the client.
  func claimed(of client: String) throws(StoreFailure) -> Int64
  /// Who looked for records, newest first.
  func readings(limit: Int) throws(StoreFailure) -> [[UInt8]]
}

/// A sink that keeps nothing to be looked for.
extension JournalSink {
  public func has(code: String, client: String, since: Int64, among limit: Int) -> Bool { false }
  public func find(trace: String, ofClients clients: [String]) throws(StoreFailure) -> [UInt8]? { nil }
  public func recent(limit: Int, provenOf client: String) throws(StoreFailure) -> [[UInt8]] { [] }
  public func claimed(of client: String) throws(StoreFailure) -> Int64 { 0 }
  public func readings(limit: Int) throws(StoreFailure) -> [[UInt8]] { [] }
}
