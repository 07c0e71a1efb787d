#if PostgreSQL
  import Storage

  /// Whether a workload's connections work: as long as none does and one could not be made, everybody is told so at
  /// once, instead of being kept waiting.
  struct Standing {
    private var up = 0
    private var failure: StoreFailure?
    private(set) var isClosed = false

    /// Why nothing can be asked for now.
    var fault: StoreFailure? {
      if isClosed { return .unavailable("the store is closed") }
      return up == 0 ? failure : nil
    }

    mutating func came() {
      up += 1
      failure = nil
    }
    mutating func went() { up -= 1 }
    mutating func failed(_ failure: StoreFailure) { self.failure = failure }
    mutating func close() { isClosed = true }
  }
#endif
