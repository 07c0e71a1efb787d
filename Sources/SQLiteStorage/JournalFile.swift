import Foundation
import GRDB
public import Storage
import Synchronization

/// The journal's rings: a SQLite file of its own, so that it works while the main store is down. Each entry takes
/// the slot `sequence % capacity`, so the file stops growing; security events have a ring of their own, a tenth of
/// the size, which a flood of others cannot empty, and so has the note of who looked for records.
///
/// A class, because it owns connections: one writes, and another reads, so that nobody who looks for something keeps
/// records from being written. The locks are needed since a closed connection must not be touched again (SQLite would
/// read freed memory): two protect the connections, the third the count of losses.
public final class JournalFile: Sendable {
  private let connection: Mutex<DatabaseQueue?>
  private let reader: Mutex<DatabaseQueue?>
  private let path: String
  private let rings: JournalRings
  private let losses = Mutex(0)

  public init(path: String, capacity: Int = 50_000, readOnly: Bool = false) throws(StoreFailure) {
    self.path = path
    rings = JournalRings(capacity: capacity)
    do {
      var configuration = Configuration()
      configuration.readonly = readOnly
      configuration.busyMode = .timeout(5)
      if !readOnly { configuration.journalMode = .wal }
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      if !readOnly {
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = NORMAL") }
        try queue.write { [rings] in try rings.prepare($0) }
      }
      connection = Mutex(queue)
      configuration.readonly = true
      configuration.journalMode = .default
      reader = Mutex(readOnly ? queue : try DatabaseQueue(path: path, configuration: configuration))
    } catch { throw StoreFailure(error, path: path) }
  }

  /// How many entries could not be written.
  public var lost: Int { losses.withLock { $0 } }

  /// Writes all of them or, when the file cannot be written, counts them as lost: a journal must not stop a request.
  public func write(_ entries: [JournalRow]) {
    if entries.isEmpty { return }
    do {
      try connection.withLock { queue in
        guard let queue else { throw StoreFailure.closed }
        try queue.write { database in
          for ring in JournalRow.Ring.allCases {
            try rings.write(entries.filter { $0.ring == ring }, to: ring, database)
          }
        }
      }
    } catch { losses.withLock { $0 += entries.count } }
  }

  /// The newest entry of that trace, or the one that a trace was merged into.
  public func find(trace: String) throws(StoreFailure) -> [UInt8]? {
    try read { [rings] database in try rings.find(trace: trace, database) }
  }

  /// The newest entries of a caller's own trace (W3C Trace Context §3.2.2.3), newest first.
  public func find(parent: String, limit: Int) throws(StoreFailure) -> [[UInt8]] {
    try read { [rings] database in try rings.find(parent: parent, limit: limit, database) }
  }

  /// Whether one of a client's newest entries has that code and was not provoked; no, when the file cannot be read.
  public func has(code: String, client: String, since: Int64, among limit: Int) -> Bool {
    let found = try? read { [rings] database in
      try rings.has(code: code, client: client, since: since, among: limit, database)
    }
    return found ?? false
  }

  /// The entry of that trace among those proven to be of these clients.
  public func find(trace: String, ofClients clients: [String]) throws(StoreFailure) -> [UInt8]? {
    try read { [rings] database in try rings.find(trace: trace, ofClients: clients, database) }
  }

  /// The newest entries proven to be of the client, newest first.
  public func recent(limit: Int, provenOf client: String) throws(StoreFailure) -> [[UInt8]] {
    try read { [rings] database in try rings.recent(limit: limit, provenOf: client, database) }
  }

  /// How many of the newest refusals only named the client.
  public func claimed(of client: String) throws(StoreFailure) -> Int64 {
    try read { [rings] database in try rings.claimed(of: client, database) }
  }

  /// Who looked for records, newest first.
  public func readings(limit: Int) throws(StoreFailure) -> [[UInt8]] {
    try read { [rings] database in try rings.readings(limit: limit, database) }
  }

  /// The newest refusals of both kinds, newest first; of one client or one grant, where one is named.
  public func recent(
    limit: Int, client: String? = nil, grant: String? = nil
  ) throws(StoreFailure) -> [[UInt8]] {
    try read { [rings] database in try rings.recent(limit: limit, client: client, grant: grant, database) }
  }

  /// Afterwards, what is written is lost.
  public func close() {
    Self.close(reader)
    Self.close(connection)
  }

  private static func close(_ connection: borrowing Mutex<DatabaseQueue?>) {
    connection.withLock { queue in
      try? queue?.close()
      queue = nil
    }
  }

  private func read<Value: Sendable>(_ value: (Database) throws -> Value) throws(StoreFailure) -> Value {
    do {
      return try reader.withLock { queue in
        guard let queue else { throw StoreFailure.closed }
        return try queue.read(value)
      }
    } catch { throw StoreFailure(error, path: path) }
  }
}
