#if PostgreSQL
import CPostgreSQL
import Dispatch
import Foundation
import Storage

/// A connection that makes the calls its workload has for it, several on their way at once (libpq's pipeline mode), and
/// makes itself anew when it breaks.
///
/// An actor on a queue of its own: libpq's connection may be used by one thread at a time, and the queue is also where
/// the socket is watched.
actor Connection {
  /// A call on its way, what the server answered so far, and since when it has been waited for. The server commits at
  /// the synchronisation point, after its answer: until then the answer is kept.
  private struct Sent {
    let call: Call
    let at: ContinuousClock.Instant
    var refusal: ServerRefusal?
    var result: OpaquePointer?
  }

  private static let cuts = 3

  private enum Phase { case idle, connecting, up, closed }

  private nonisolated let executor: QueueExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
  private let plan: ConnectionPlan
  private let work: any Workload
  private var phase = Phase.idle
  private var session: Session?
  private var reading: (any DispatchSourceRead)?
  private var writing: (any DispatchSourceWrite)?
  private var watch: (any DispatchSourceTimer)?
  private var sent: [Sent] = []
  private var failures = 0

  init(_ plan: ConnectionPlan, _ work: any Workload) {
    executor = QueueExecutor(label: "doorward.postgresql.\(plan.name)")
    self.plan = plan
    self.work = work
  }

  /// There is something to do, or to connect for. Returns at once.
  nonisolated func wake() {
    executor.queue.async { self.assumeIsolated { $0.proceed() } }
  }

  /// Another connection could be made just now: so may this one be.
  nonisolated func hurry() {
    executor.queue.async {
      self.assumeIsolated { connection in
        if connection.phase == .connecting { connection.connect() }
      }
    }
  }

  /// Another connection's server did not answer. One that waits for nothing would find that out with the next call, and the
  /// one that listens never: so it is made anew, perhaps to the server that has taken over.
  nonisolated func doubt() {
    executor.queue.async {
      self.assumeIsolated { connection in
        guard connection.sent.isEmpty else { return }
        connection.lose(.unavailable("\(connection.plan.address): the server has not answered on another connection"))
      }
    }
  }

  /// Ends the connection; calls on their way are lost.
  func close() {
    phase = .closed
    drop(.unavailable("the store is closed"))
  }

  private func proceed() {
    switch phase {
    case .idle: connect()
    case .up: send()
    case .connecting, .closed: break
    }
  }

  // MARK: Connecting

  private func connect() {
    var isCut = false
    do throws(StoreFailure) {
      let session = try Session(plan.address)
      do throws(StoreFailure) { try prepare(session) } catch {
        isCut = session.isCut
        throw error
      }
      self.session = session
      watchSocket(session)
      failures = 0
      phase = .up
      work.connectionCame()
      plan.came()
      send()
    } catch {
      // One that could be made and was cut before it was ready says nothing of the server yet.
      if !isCut || failures >= Self.cuts { work.connectionFailed(error) }
      retryLater()
    }
  }

  private func prepare(_ session: Session) throws(StoreFailure) {
    try session.settle(limit: plan.statementLimit)
    for statement in plan.statements { try session.prepare(statement.rawValue, statement.sql(plan.schema)) }
    if let channel = plan.listensTo { try session.execute("LISTEN \(channel)") }
    guard PQsetnonblocking(session.raw, 1) == 0, PQenterPipelineMode(session.raw) == 1 else { throw session.failure }
  }

  /// Waits longer each time, up to two seconds, and never as long as another node that was cut off with this one.
  private func retryLater() {
    let base = min(2000, 25 << min(failures, 8))
    failures += 1
    let attempt = failures
    phase = .connecting
    executor.queue.asyncAfter(deadline: .now() + .milliseconds(Int.random(in: base / 2...base))) {
      self.assumeIsolated { connection in
        if connection.phase == .connecting, connection.failures == attempt { connection.connect() }
      }
    }
  }

  private func watchSocket(_ session: Session) {
    let descriptor = PQsocket(session.raw)
    let reading = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: executor.queue)
    // The descriptor must stay open until nobody watches it any more.
    reading.setCancelHandler { withExtendedLifetime(session) {} }
    reading.setEventHandler { [weak self] in self?.assumeIsolated { $0.receive() } }
    let watch = DispatchSource.makeTimerSource(queue: executor.queue)
    watch.setEventHandler { [weak self] in self?.assumeIsolated { $0.checkPatience() } }
    watch.schedule(deadline: .now() + .milliseconds(500), repeating: .milliseconds(500), leeway: .milliseconds(100))
    self.reading = reading
    self.watch = watch
    reading.resume()
    watch.resume()
  }

  // MARK: Sending

  private func send() {
    guard let session else { return }
    var isNew = false
    while sent.count < plan.depth, let call = work.next() {
      sent.append(Sent(call: call, at: .now))
      isNew = true
      guard submit(call, session) else { return lose(session.failure) }
    }
    if isNew { flush(session) }
  }

  private func submit(_ call: Call, _ session: Session) -> Bool {
    // One piece of memory for all values: libpq copies them.
    var bytes: [UInt8] = []
    for value in call.values { bytes += value ?? [] }
    bytes.append(0)
    let lengths = call.values.map { Int32(clamping: $0?.count ?? 0) }
    let formats = [Int32](repeating: 1, count: call.values.count)
    return bytes.withUnsafeBytes { buffer in
      var offset = 0
      var pointers: [UnsafePointer<CChar>?] = []
      for value in call.values {
        pointers.append(
          value == nil ? nil : buffer.baseAddress.map { ($0 + offset).assumingMemoryBound(to: CChar.self) })
        offset += value?.count ?? 0
      }
      return PQsendQueryPrepared(
        session.raw, call.statement.rawValue, Int32(clamping: call.values.count), pointers, lengths, formats, 1) == 1
        && PQpipelineSync(session.raw) == 1
    }
  }

  private func flush(_ session: Session) {
    switch PQflush(session.raw) {
    case 0:
      writing?.cancel()
      writing = nil
    case 1:
      guard writing == nil else { return }
      let source = DispatchSource.makeWriteSource(fileDescriptor: PQsocket(session.raw), queue: executor.queue)
      source.setCancelHandler { withExtendedLifetime(session) {} }
      source.setEventHandler { [weak self] in
        self?.assumeIsolated { connection in
          if let session = connection.session { connection.flush(session) }
        }
      }
      writing = source
      source.resume()
    default: lose(session.failure)
    }
  }

  // MARK: Receiving

  private func receive() {
    guard let session else { return }
    guard PQconsumeInput(session.raw) == 1 else { return lose(session.failure) }
    while let notification = PQnotifies(session.raw) {
      PQfreemem(notification)
      plan.notified()
    }
    while !sent.isEmpty, PQisBusy(session.raw) == 0 {
      guard let result = PQgetResult(session.raw) else {
        // The end of one call's results; its synchronisation point follows.
        if PQstatus(session.raw) != CONNECTION_OK { return lose(session.failure) }
        continue
      }
      switch PQresultStatus(result) {
      case PGRES_PIPELINE_SYNC:
        PQclear(result)
        finish(sent.removeFirst())
      case PGRES_TUPLES_OK where sent[0].result == nil:
        sent[0].result = result
      default:
        defer { PQclear(result) }
        let refusal = ServerRefusal(result)
        if refusal.endsConnection || PQstatus(session.raw) != CONNECTION_OK {
          return lose(refusal.state.isEmpty ? session.failure : refusal.failure(plan.address))
        }
        sent[0].refusal = refusal
      }
    }
    // A server that is shut down says so where no call is on its way, too.
    if PQstatus(session.raw) != CONNECTION_OK { return lose(session.failure) }
    send()
  }

  private func finish(_ first: Sent) {
    defer { if let result = first.result { PQclear(result) } }
    if let refusal = first.refusal { return first.call.answer(.failure(.refused(refusal))) }
    guard let result = first.result else {
      return first.call.answer(.failure(.lost(.unavailable("\(plan.address): the server gave no answer"))))
    }
    first.call.answer(.success(Reply(result)))
  }

  // MARK: Losing

  private func checkPatience() {
    guard let first = sent.first, ContinuousClock.now - first.at > plan.patience else { return }
    let failure = StoreFailure.unavailable("\(plan.address): the server has not answered for \(plan.patience)")
    work.serverFellSilent(failure)
    lose(failure)
    plan.fellSilent()
  }

  private func lose(_ failure: StoreFailure) {
    guard phase == .up else { return }
    drop(failure)
    retryLater()
  }

  private func drop(_ failure: StoreFailure) {
    let isUp = session != nil
    watch?.cancel()
    reading?.cancel()
    writing?.cancel()
    (watch, reading, writing, session) = (nil, nil, nil, nil)
    if isUp { work.connectionWent() }
    let lost = sent
    sent = []
    for sent in lost {
      if let result = sent.result { PQclear(result) }
      sent.call.answer(.failure(.lost(failure)))
    }
  }
}
#endif
