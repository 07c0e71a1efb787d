import Foundation
import GRDB
public import Storage
import Synchronization

/// The journal's ring: a SQLite file of its own, so that it works while the main store is down. Each record takes
/// the slot `sequence % capacity`; security events have a ring of their own, which a flood of others cannot empty.
public final class JournalFile: Sendable {
  private let queue: DatabaseQueue
  private let capacity: Int
  private let losses = Mutex(0)

  public init(path: String, capacity: Int = 100_000, readOnly: Bool = false) throws(StoreFailure) {
    self.capacity = capacity
    do {
      var configuration = GRDB.Configuration()
      configuration.readonly = readOnly
      configuration.busyMode = .timeout(5)
      if !readOnly {
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL") }
      }
      queue = try DatabaseQueue(path: path, configuration: configuration)
      if !readOnly {
        try queue.write { database in
          for ring in ["ring", "security"] {
            try database.execute(
              sql: """
                CREATE TABLE IF NOT EXISTS \(ring) (
                  slot INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, trace TEXT NOT NULL, time INTEGER NOT NULL,
                  body BLOB NOT NULL) STRICT;
                CREATE INDEX IF NOT EXISTS \(ring)_trace ON \(ring) (trace);
                CREATE INDEX IF NOT EXISTS \(ring)_sequence ON \(ring) (sequence);
                """)
          }
        }
      }
    } catch { throw StoreFailure(error, path: path) }
  }

  /// How many records could not be written.
  public var lost: Int { losses.withLock { $0 } }

  public func write(_ entries: [(trace: String, time: Int64, security: Bool, body: [UInt8])]) {
    do {
      try queue.write { database in
        for entry in entries {
          let ring = entry.security ? "security" : "ring"
          let sequence = (try Int64.fetchOne(database, sql: "SELECT max(sequence) FROM \(ring)") ?? 0) + 1
          let size = Int64(max(1, entry.security ? capacity / 10 : capacity))
          try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO \(ring) (slot, sequence, trace, time, body) VALUES (?, ?, ?, ?, ?)"
          ).execute(arguments: [sequence % size, sequence, entry.trace, entry.time, Data(entry.body)])
        }
      }
    } catch { losses.withLock { $0 += entries.count } }
  }

  public func find(trace: String) throws(StoreFailure) -> [UInt8]? {
    do {
      return try queue.read { database in
        for ring in ["security", "ring"] {
          if let data = try Data.fetchOne(
            database, sql: "SELECT body FROM \(ring) WHERE trace = ? ORDER BY sequence DESC LIMIT 1", arguments: [trace]
          ) {
            return Array(data)
          }
        }
        return nil
      }
    } catch { throw StoreFailure(error) }
  }

  public func close() { try? queue.close() }
}
