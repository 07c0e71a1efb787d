import AuthorizationServer
import OAuth
import ServiceLifecycle
import Storage

/// Warns of a store's log that grows, and names who makes it grow: SQLite's cannot begin anew while anybody reads what was
/// there before. Nothing of ours does so for long but a backup; a shell with a transaction open may do so for days.
struct StoreLogWatch {
  let store: any Store
  let log: EventLog?

  /// Twice what a log is cut back to whenever it begins anew.
  private static let long: Int64 = 128 << 20

  func run() async {
    await cancelWhenGracefulShutdown {
      // What it was told to be last; each doubling is told.
      var told: Int64 = 0
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(2))
        guard !Task.isCancelled, let bytes = store.logBytes else { return }
        if bytes < Self.long {
          if told > 0 { note(.information, "the log beside the database is short again: \(megabytes(bytes))") }
          told = 0
        } else if bytes >= 2 * told {
          note(.warning, await warning(bytes))
          told = bytes
        }
      }
    }
  }

  private func warning(_ bytes: Int64) async -> String {
    let readers = await store.logReaders()
    let who =
      readers.isEmpty
      ? "who reads it for so long cannot be told"
      : "\(readers.joined(separator: ", ")) keeps it from beginning anew by reading on"
    return
      "the log beside the database is \(megabytes(bytes)) long and grows: \(who); a backup lets go when it is done, end what is none"
  }

  private func note(_ severity: LogEvent.Severity, _ text: String) {
    log?.note(LogEvent(.storeLog, severity, Clock.now, text))
  }

  private func megabytes(_ bytes: Int64) -> String { "\(bytes >> 20) MiB" }
}
