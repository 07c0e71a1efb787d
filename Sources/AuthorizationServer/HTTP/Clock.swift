import Foundation
public import Synchronization
public import Vocabulary

/// The only clock.
public enum Clock {
  /// Set aside of the machine's, in milliseconds: by a what-if command, or in test mode. Nothing else may set it.
  public static let offset = Atomic<Int64>(0)

  public static var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let machine = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    return Instant(millisecondsSince1970: machine &+ offset.load(ordering: .relaxed))
  }
}

extension TraceID {
  /// A new random trace id. It need not be secret: knowing one grants nothing.
  public static func random() -> TraceID {
    var generator = SystemRandomness()
    return TraceID(random: generator.next(), generator.next())
  }
}
