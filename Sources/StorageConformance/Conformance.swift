public import Storage
import Vocabulary

/// What every engine must pass before it is accepted; a library without a test framework, so that an engine
/// written elsewhere can run it too.
public struct Conformance: Sendable {
  /// Every check there is. (Junction: one line for each file of checks.)
  public static let checks: [Check] =
    Atomicity.checks + CompareAndSwap.checks + Closing.checks + Expiry.checks + ListingOrder.checks
    + ChangeFeed.checks + Keys.checks + Durability.checks + Importing.checks
}

/// One promise of the interface, and how to try it.
public struct Check: Sendable, CustomStringConvertible {
  /// A sentence: what holds when the check passes.
  public let name: String
  /// Wants an engine of its own: one that is empty, and that nobody else uses.
  public let run: @Sendable (any EngineUnderTest) async throws -> Void

  public var description: String { name }

  init(_ name: String, _ run: @escaping @Sendable (any Store) async throws -> Void) {
    self.init(name) { (engine: any EngineUnderTest) in
      let store = try await engine.open()
      try await run(store)
      await store.close()
    }
  }

  init(_ name: String, engine run: @escaping @Sendable (any EngineUnderTest) async throws -> Void) {
    self.name = name
    self.run = run
  }
}

/// An engine with one store that is empty at first.
public protocol EngineUnderTest: Sendable {
  /// Whether `open` after `close` finds what was committed before.
  var isDurable: Bool { get }

  /// Opens the store; after a `close`, opens the same one again.
  func open() async throws -> any Store
}

/// An engine broke a promise.
public struct ConformanceFailure: Error, CustomStringConvertible {
  public let message: String
  public let line: UInt

  public var description: String { "\(message) (line \(line))" }
}

/// Throws unless it holds.
func demand(_ holds: Bool, _ message: @autoclosure () -> String, line: UInt = #line) throws(ConformanceFailure) {
  if !holds { throw ConformanceFailure(message: message(), line: line) }
}

/// Throws unless both are equal.
func demand<Value: Equatable>(
  _ found: Value, equals expected: Value, _ what: String, line: UInt = #line
) throws(ConformanceFailure) {
  if found != expected {
    throw ConformanceFailure(message: "\(what): \(expected) expected, \(found) found", line: line)
  }
}
