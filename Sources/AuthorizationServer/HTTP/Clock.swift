import Foundation
public import Vocabulary

/// The only clock.
public enum Clock {
  public static var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(millisecondsSince1970: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}

extension TraceID {
  /// A new random trace id. It need not be secret: knowing one grants nothing.
  public static func random() -> TraceID {
    var generator = SystemRandomNumberGenerator()
    return TraceID(random: generator.next(), generator.next())
  }
}
