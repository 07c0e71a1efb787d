import NIOCore

/// Runs tasks on a connection's own thread: between two looks at the store there is no other thread to be woken.
/// (Swift's task executors: SE-0417. NIO's event loops execute actors only.)
final class EventLoopTasks: TaskExecutor {
  private let eventLoop: any EventLoop

  init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
