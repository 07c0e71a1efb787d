import AuthorizationServer
import OAuth
import ServiceLifecycle
import Storage
import Vocabulary

/// Makes keys sign and cease to sign at their moments, and rotates those that are due.
struct KeyRotationService: Service {
  let issuer: Issuer
  /// `nil`: keys rotate only when somebody says so.
  let rule: KeyRotationRule?
  let log: EventLog?

  func run() async throws {
    let attempts = rule.map { RotationAttempts(rotation: KeyRotation(issuer: issuer, rule: $0), log: log) }
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        // Never in step with the other nodes.
        try? await Task.sleep(for: .milliseconds(Int.random(in: 300...900)))
        if Task.isCancelled { break }
        let now = Clock.now
        issuer.snapshot.refreshKeys(now: now)
        // While the store cannot be read, what is due is not known, and cannot be done.
        guard let attempts, issuer.snapshot.fault == nil, await attempts.begin(now: now) else { continue }
        // By itself: a database that hangs holds up neither what is next nor the server's end.
        Task { await attempts.make(now: now) }
      }
    }
    await attempts?.end()
  }
}

/// One attempt at a time, with a rest after each.
private actor RotationAttempts {
  private let rotation: KeyRotation
  private let log: EventLog?
  private var isBusy = false
  private var isTold = false
  private var restsUntil = ContinuousClock.now

  init(rotation: KeyRotation, log: EventLog?) {
    self.rotation = rotation
    self.log = log
  }

  func begin(now: Instant) -> Bool {
    guard !isBusy, ContinuousClock.now >= restsUntil, rotation.isDue(at: now) else { return false }
    isBusy = true
    return true
  }

  func make(now: Instant) async {
    defer { isBusy = false }
    do {
      let outcome = try await rotation.rotate(now: now)
      isTold = false
      restsUntil = .now + rest(after: outcome)
      if case .rotated(let rotations) = outcome { for one in rotations { note(one.made, one.retired) } }
    } catch {
      restsUntil = .now + .milliseconds(Int.random(in: 2000...6000))
      if !isTold {
        log?.note(
          LogEvent(
            .keyRotationFailed, .warning, Clock.now,
            "the signing keys are due to be rotated and could not be; it is tried again: \(describe(error))"))
      }
      isTold = true
    }
  }

  /// The server ends: what fails from here on is nobody's concern.
  func end() { isTold = true }

  private func rest(after outcome: KeyRotation.Outcome) -> Duration {
    switch outcome {
    case .rotated: .zero
    case .leftToAnother: .milliseconds(Int.random(in: 1000...3000))
    // This machine's clock is ahead; an hour at most, should it be set right.
    case .notDue(let until): .seconds(min(until.seconds, 3600))
    }
  }

  private func note(_ made: SigningKeyRecord, _ retired: [SigningKeyRecord]) {
    let old = retired.map { key in
      "; \(key.id) signs until then and is published until \(key.publishedUntil?.description ?? "it is withdrawn")"
    }
    log?.note(
      LogEvent(
        .keyRotated, .information, Clock.now,
        "a new \(made.algorithm) key \(made.id) is published and signs from \(made.signsSince)\(old.joined())",
        [("doorward.key", made.id.value), ("doorward.alg", made.algorithm.description)]))
  }
}
