/// One step of an engine's schema, in the order in which they are applied. Steps are never changed once released.
public struct SchemaStep: Equatable, Sendable {
  /// The schema's version after it: 1 for the first.
  public let version: Int
  /// What it does to what is stored, and how long that takes; a sentence for an operator.
  public let effect: String
  /// The oldest version whose programs may go on reading and writing afterwards.
  public let minimumReader: Int

  public init(version: Int, effect: String, minimumReader: Int) {
    self.version = version
    self.effect = effect
    self.minimumReader = minimumReader
  }
}

/// A store's schema against what this program knows of it.
public struct SchemaState: Equatable, Sendable {
  /// 0: nothing is there yet.
  public let version: Int
  /// The oldest version whose programs may read and write it.
  public let minimumReader: Int
  /// Every step this program knows, in order.
  public let steps: [SchemaStep]

  public init(version: Int, minimumReader: Int, steps: [SchemaStep]) {
    self.version = version
    self.minimumReader = minimumReader
    self.steps = steps
  }

  /// The newest version this program knows.
  public var known: Int { steps.last?.version ?? 0 }

  /// What this program would do before it uses the store.
  public var pending: [SchemaStep] { steps.filter { $0.version > version } }

  /// A newer schema whose author declared that programs as old as this one may use it can be used.
  public var isUsable: Bool { version <= known || minimumReader <= known }

  /// Whether programs that know only the present version may go on beside those that have taken the pending steps.
  public var olderProgramsKeepWorking: Bool { pending.allSatisfy { $0.minimumReader <= version } }

  /// Why this program may not use the store, and what to do.
  public func refusal(of place: String) -> StoreFailure {
    .damaged(
      "\(place) was written by a newer version of Doorward: its schema is \(version) and wants a program that knows "
        + "\(minimumReader); this one knows \(known). Run the newer version, or restore a backup made before the upgrade"
    )
  }
}

/// A store that can say how its schema stands.
public protocol SchemaReporting: Store {
  func schema() async throws(StoreFailure) -> SchemaState
}
