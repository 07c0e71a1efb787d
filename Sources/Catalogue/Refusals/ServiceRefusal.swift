import StrictJSON
public import Vocabulary

/// Our own faults, said honestly: never `invalid_grant`, nothing consumed. RFC 6749 §4.1.2.1, RFC 9110 §15.6.
public enum ServiceRefusal: RefusalArea {
  case storageUnavailable(Excerpt)
  case storageReadOnly(Excerpt)
  case storageFull(Excerpt)
  case storageDamaged(Excerpt)
  case storageContended(attempts: Int)
  case signingKeyAbsent(Excerpt)
  case fault(Excerpt)

  public enum Name: String, ReasonName {
    case storageUnavailable = "storage_unavailable"
    case storageReadOnly = "storage_read_only"
    case storageFull = "storage_full"
    case storageDamaged = "storage_damaged"
    case storageContended = "storage_contended"
    case signingKeyAbsent = "signing_key_absent"
    case fault = "internal_fault"

    public var code: Code {
      switch self {
      case .storageUnavailable, .storageReadOnly, .storageFull, .storageDamaged, .storageContended: .storageUnavailable
      case .signingKeyAbsent: .keysUnavailable
      case .fault: .internalFault
      }
    }
  }

  public var name: Name {
    switch self {
    case .storageUnavailable: .storageUnavailable
    case .storageReadOnly: .storageReadOnly
    case .storageFull: .storageFull
    case .storageDamaged: .storageDamaged
    case .storageContended: .storageContended
    case .signingKeyAbsent: .signingKeyAbsent
    case .fault: .fault
    }
  }

  /// Seconds a client should wait; sent as `Retry-After` (RFC 9110 §10.2.3).
  public static let retryAfter: Int64 = 5

  public var explanation: Explanation {
    switch self {
    case .storageUnavailable(let fault):
      Explanation("The store did not answer: \(fault).", expected: "an answering store", actual: "\(fault)")
    case .storageReadOnly(let fault):
      Explanation("The store cannot be written: \(fault).", expected: "a writable store", actual: "\(fault)")
    case .storageFull(let fault):
      Explanation("The store's disk is full: \(fault).", expected: "free space", actual: "\(fault)")
    case .storageDamaged(let fault):
      Explanation("The store's content is damaged: \(fault).", expected: "an intact record", actual: "\(fault)")
    case .storageContended(let attempts):
      Explanation(
        "The record changed under \(attempts) attempts to write it.", expected: "a quiet moment",
        actual: "\(attempts) conflicts")
    case .signingKeyAbsent(let algorithm):
      Explanation(
        "No signing key for \(algorithm) is active.", expected: "an active key for \(algorithm)", actual: "none")
    case .fault(let what):
      Explanation("The service failed: \(what).", expected: "no fault", actual: "\(what)")
    }
  }

  public var members: [Member] {
    switch self {
    case .storageUnavailable, .storageReadOnly, .storageFull, .storageDamaged, .storageContended, .signingKeyAbsent:
      [Member(.retryAfter, .integer(Self.retryAfter))]
    case .fault: []
    }
  }
}
