public import Catalogue

/// The shape of every verdict: outcome, changes, trail. A refusal may change the world (reuse revokes the family,
/// RFC 9700 §4.14.2), so it is not only a `throw`: what must change stands here and is committed with it.
public struct Decision<Answer: Sendable>: Sendable {
  public let outcome: Result<Answer, Refusal>
  public let changes: [Change]
  public let trail: Trail

  public init(_ outcome: Result<Answer, Refusal>, changes: [Change] = [], trail: Trail) {
    self.outcome = outcome
    self.changes = changes
    self.trail = trail
  }
}

extension Trail {
  /// Runs one named check; records that it was passed, or that it stopped the request.
  public mutating func check<Value>(
    _ checkpoint: Checkpoint, _ body: () throws(Refusal) -> Value
  ) throws(Refusal) -> Value {
    do throws(Refusal) {
      let value = try body()
      pass(checkpoint)
      return value
    } catch {
      stop(at: checkpoint)
      throw error
    }
  }
}
