#if PostgreSQL
import Storage

/// Whether a workload's connections work: as long as none does and one could not be made, everybody is told so at
/// once, instead of being kept waiting.
struct Standing {
  private var up = 0
  private var failure: StoreFailure?
  private var silence: StoreFailure?
  private(set) var isClosed = false

  /// Why nothing can be asked for now.
  var fault: StoreFailure? {
    if isClosed { return .unavailable("the store is closed") }
    return silence ?? (up == 0 ? failure : nil)
  }

  mutating func came() {
    up += 1
    failure = nil
    silence = nil
  }

  mutating func went() { up -= 1 }
  mutating func failed(_ failure: StoreFailure) { self.failure = failure }

  /// A server that takes what it is sent and never answers will not answer on other connections either: nobody is made
  /// to find that out anew until one could be made again.
  mutating func fellSilent(_ failure: StoreFailure) { silence = failure }

  mutating func close() { isClosed = true }
}
#endif
