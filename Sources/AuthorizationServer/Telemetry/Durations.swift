import Foundation
import Synchronization

/// A moment to measure from, by a clock that nobody sets.
public struct Stopwatch: Sendable {
  private let began: UInt64

  public init() { began = Self.nanoseconds }

  var elapsed: UInt64 { Self.nanoseconds &- began }

  private static var nanoseconds: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(truncatingIfNeeded: time.tv_sec) &* 1_000_000_000 &+ UInt64(truncatingIfNeeded: time.tv_nsec)
  }
}

/// How long something took, in the buckets of a Prometheus histogram.
public final class Durations: Sendable {
  /// Upper ends, in seconds, as they are written.
  static let ends: [(text: String, nanoseconds: UInt64)] = [
    ("0.0001", 100_000), ("0.0005", 500_000), ("0.001", 1_000_000), ("0.0025", 2_500_000), ("0.005", 5_000_000),
    ("0.01", 10_000_000), ("0.025", 25_000_000), ("0.05", 50_000_000), ("0.1", 100_000_000), ("0.25", 250_000_000),
    ("0.5", 500_000_000), ("1", 1_000_000_000), ("2.5", 2_500_000_000), ("5", 5_000_000_000), ("10", 10_000_000_000),
  ]

  struct State: Sendable {
    /// How many ended in each bucket alone; the last is for what took longer than all.
    var counts = [Int](repeating: 0, count: Durations.ends.count + 1)
    var sum: UInt64 = 0
  }

  private let state = Mutex(State())

  public init() {}

  public func add(_ watch: Stopwatch) {
    let taken = watch.elapsed
    let bucket = Self.ends.firstIndex { taken <= $0.nanoseconds } ?? Self.ends.count
    state.withLock { state in
      state.counts[bucket] &+= 1
      state.sum &+= taken
    }
  }

  var current: State { state.withLock { $0 } }
}

extension Durations.State {
  var count: Int { counts.reduce(0, &+) }

  /// The lines of one histogram (Prometheus' exposition format 0.0.4): buckets that hold all smaller ones, sum and count.
  func lines(_ name: String, labels: String) -> String {
    let before = labels.isEmpty ? "" : labels + ","
    let own = labels.isEmpty ? "" : "{\(labels)}"
    var text = ""
    var total = 0
    for (end, count) in zip(Durations.ends.map(\.text) + ["+Inf"], counts) {
      total &+= count
      text += "\(name)_bucket{\(before)le=\"\(end)\"} \(total)\n"
    }
    return text + "\(name)_sum\(own) \(Double(sum) / 1e9)\n\(name)_count\(own) \(total)\n"
  }
}
