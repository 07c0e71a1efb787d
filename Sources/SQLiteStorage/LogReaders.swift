import Foundation

/// Which other processes read a database, and so keep its log from beginning anew. SQLite locks a byte of the shared memory
/// beside the file for each reading (`-shm`, bytes 123 to 127: SQLite, WAL-mode File Format, WAL locks), and Linux lists all locks.
enum LogReaders {
  private static let slots = 123...127

  /// Those that are reading at this moment.
  static func now(database path: String) -> Set<pid_t> {
    var status = stat()
    guard stat(path + "-shm", &status) == 0,
      let locks = try? String(contentsOfFile: "/proc/locks", encoding: .utf8)
    else { return [] }
    // "3: POSIX  ADVISORY  READ 4711 fe:00:131090 123 123"
    var found: Set<pid_t> = []
    for line in locks.split(separator: "\n") {
      let parts = line.split(separator: " ")
      guard parts.count == 8, let process = pid_t(parts[4]), let first = Int(parts[6]),
        parts[5].split(separator: ":").last == "\(status.st_ino)"[...], slots.contains(first), process != getpid()
      else { continue }
      found.insert(process)
    }
    return found
  }

  /// For people: number and program.
  static func name(_ process: pid_t) -> String {
    let program = (try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)) ?? ""
    let name = program.trimmingCharacters(in: .whitespacesAndNewlines)
    // In another container, or another user's: its number alone.
    return process <= 0
      ? "a process of another container" : name.isEmpty ? "process \(process)" : "process \(process) (\(name))"
  }
}

extension SQLiteStore {
  public var logBytes: Int64? {
    var status = stat()
    return stat(path + "-wal", &status) == 0 ? Int64(status.st_size) : 0
  }

  /// Whoever is there at two moments: most readings are over in less than a millisecond.
  public func logReaders() async -> [String] {
    let before = LogReaders.now(database: path)
    if before.isEmpty { return [] }
    try? await Task.sleep(for: .milliseconds(100))
    return before.intersection(LogReaders.now(database: path)).sorted().map(LogReaders.name)
  }
}
