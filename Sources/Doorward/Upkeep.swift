import AuthorizationServer
import Dialects
import Foundation
import OAuth
import ServiceLifecycle
import Storage
import Vocabulary

/// What goes on beside the requests: hearing of changes, writing the journal, removing what is over.
struct Upkeep: Service {
  let issuer: Issuer
  let log: EventLog?

  func run() async throws {
    // Each by itself: whoever makes the journal slow must not make a revocation late.
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await listen() }
      group.addTask { await followChanges() }
      group.addTask { await tidy() }
      group.addTask { await StoreLogWatch(store: issuer.store, log: log).run() }
      group.addTask { await settle() }
      await writeJournal()
      group.cancelAll()
    }
  }

  /// Looks at the store as soon as it tells that another process has written; the look now and then is for what was
  /// not told.
  private func listen() async {
    guard let announcements = issuer.store.announcements() else { return }
    for await _ in announcements { _ = try? await issuer.snapshot.catchUp(issuer.store) }
  }

  private func writeJournal() async {
    let examiner = Examiner(issuer)
    await cancelWhenGracefulShutdown {
      var round = 0
      while !Task.isCancelled {
        try? await Task.sleep(for: .milliseconds(100))
        round += 1
        await issuer.journal.flush(examiner: examiner, withFloods: round % 10 == 0)
      }
    }
    await issuer.journal.flush(examiner: examiner)
  }

  private func followChanges() async {
    await cancelWhenGracefulShutdown {
      var told: String?
      while !Task.isCancelled {
        try? await Task.sleep(for: .milliseconds(200))
        await look()
        // A look that was cut off by the server's end says nothing of the store.
        if Task.isCancelled { break }
        let fault = issuer.snapshot.fault
        let kind = fault.map(kind)
        defer { told = kind }
        if let fault, kind != told {
          log?.note(
            LogEvent(
              .storeFailed, .error, Clock.now, "changes made by other processes are not seen: \(describe(fault))"))
        } else if told != nil, fault == nil {
          log?.note(LogEvent(.storeRecovered, .information, Clock.now, "the store can be read again"))
        }
      }
    }
  }

  /// What is told once, however its words change: a database that was away and is damaged when it comes back is another
  /// matter.
  private func kind(_ fault: StoreFailure) -> String {
    switch fault {
    case .unavailable: "unavailable"
    case .readOnly: "read-only"
    case .full: "full"
    case .damaged: "damaged"
    }
  }

  /// What fails stands in the snapshot.
  private func look() async {
    guard let isAnother = try? await issuer.snapshot.followHistory(issuer.store) else { return }
    if isAnother {
      log?.note(
        LogEvent(
          .storeReplaced, .warning, Clock.now,
          "the database goes on from another history (a failover, or a restore): everything was read again; what it had not received is lost"
        ))
    }
    _ = try? await issuer.snapshot.catchUp(issuer.store)
  }

  private func settle() async {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        try? await Task.sleep(for: .milliseconds(250))
        guard !Task.isCancelled, issuer.snapshot.fault == nil else { continue }
        try? await issuer.unanswered.settle(in: issuer.store, now: Clock.now)
      }
    }
  }

  private func tidy() async {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(60))
        if Task.isCancelled { break }
        issuer.snapshot.refresh(now: Clock.now, keeping: issuer.longestAccessToken)
        // In small steps, so that commits get their turn, until nothing is left.
        while let removed = try? await issuer.store.sweep(expiredBefore: Clock.now, limit: 500), removed == 500 {}
      }
    }
  }
}
