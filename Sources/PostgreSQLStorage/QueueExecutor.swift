#if PostgreSQL
import Dispatch

/// Runs an actor on a dispatch queue of its own, so that the queue's sources may call it, and so that waiting for a
/// connection holds up no thread of Swift's own pool.
final class QueueExecutor: SerialExecutor {
  let queue: DispatchQueue

  init(label: String) { queue = DispatchQueue(label: label) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}
#endif
