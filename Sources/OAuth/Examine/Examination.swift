public import Catalogue
import JOSE
public import StrictJSON
public import Vocabulary

/// One check of a request, judged by itself: what the record of a refusal lists.
public struct ExaminedCheck: Equatable, Sendable {
  public enum Outcome: String, Sendable {
    case pass, fail
    /// It does not apply, or what it needs was refused before.
    case skipped
  }

  public let checkpoint: Checkpoint
  public var outcome: Outcome
  public var expected: String
  public var actual: String
  /// Where the expectation comes from: a line of the configuration, a registration, a contract, a claim.
  public var source: String
  public var reason: String?

  public init(
    _ checkpoint: Checkpoint, _ outcome: Outcome, expected: String = "", actual: String = "", source: String = "",
    reason: String? = nil
  ) {
    self.checkpoint = checkpoint
    self.outcome = outcome
    self.expected = expected
    self.actual = actual
    self.source = source
    self.reason = reason
  }
}

/// A refused request looked at a second time, behind its answer: every check that is free of side effects is run by
/// itself, so that two faults show as two, and what nearly fitted is named. Nothing of it reaches the caller.
/// (RFC 6749 §5.2 and RFC 6750 §3.1 give callers one word; this is for the operator.)
public struct Examination: Sendable {
  public private(set) var checks: [ExaminedCheck] = []
  /// "differs from the registered URI by a trailing slash"
  public private(set) var nearMisses: [String] = []
  /// What the credential says of itself; never the credential.
  public private(set) var evidence: [JSON.Member] = []

  public init() {}

  /// Runs one check by itself. `nil` when it refuses.
  @discardableResult
  public mutating func check<Value>(
    _ checkpoint: Checkpoint, source: String = "", shows: @autoclosure () -> String = "",
    _ body: () throws(Refusal) -> Value
  ) -> Value? {
    do throws(Refusal) {
      let value = try body()
      append(ExaminedCheck(checkpoint, .pass, actual: shows(), source: source))
      return value
    } catch {
      let words = error.explanation
      append(
        ExaminedCheck(
          checkpoint, .fail, expected: words.expected, actual: words.actual, source: source, reason: error.reason.name))
      return nil
    }
  }

  public mutating func append(_ check: ExaminedCheck) {
    var check = check
    check.expected = Self.shown(check.expected)
    check.actual = Self.shown(check.actual)
    check.source = Self.shown(check.source)
    // The first word on a checkpoint stands, unless it was that it could not be judged.
    if let index = checks.firstIndex(where: { $0.checkpoint == check.checkpoint }) {
      if checks[index].outcome == .skipped { checks[index] = check }
    } else {
      checks.append(check)
    }
  }

  public mutating func skip(_ checkpoints: Checkpoint..., because why: String) {
    for checkpoint in checkpoints { append(ExaminedCheck(checkpoint, .skipped, actual: why)) }
  }

  public mutating func notice(_ text: String?) {
    guard let text, nearMisses.count < 12 else { return }
    let shown = Self.shown(text)
    if !nearMisses.contains(shown) { nearMisses.append(shown) }
  }

  /// Bounded, and harmless to a terminal and a page.
  private static func shown(_ text: String) -> String { Printable.text(text, limit: 600) }

  /// Whether a text has no words but those that examples and variables have: it is no credential.
  public static func isExample(_ text: String) -> Bool { Resemblance.isExample(text) }

  /// What is odd about the text of a credential, whatever it should be.
  public static func oddities(_ text: String) -> [String] { CredentialResemblance.oddities(text) }

  /// What a JWT tells of itself that was presented where another credential belongs, or cut off.
  public mutating func signedOddities(_ text: String) {
    signatureLength(of: text)
    guard let jws = try? CompactJWS(parsing: text), let claims = try? Claims(payload: jws.payload) else { return }
    if claims["at_hash"] != nil || claims["auth_time"] != nil, jws.header.type?.lowercased() != Verify.accessTokenType {
      notice("it is an ID token, which is for the application (OpenID Connect Core §2)")
    }
  }

  /// A value that is nearly one of those expected.
  public mutating func resembles(_ parameter: String, _ seen: String, _ expected: [String], _ name: String) {
    notice(Resemblance.placeholder(seen).map { "\(parameter): " + $0 })
    notice(Resemblance.among(seen, expected, name).map { "\(parameter) " + $0 })
  }

  /// Scopes that are nearly those a route needs.
  public mutating func resemblesScopes(_ needed: Scopes, held: Scopes) {
    if held.list.contains(where: { $0.name.contains(",") }) { return }
    for scope in needed.subtracting(held).list {
      notice(
        Resemblance.among(scope.name, held.list.map(\.name), "the token's").map { "scope `\(scope)` " + $0 })
    }
  }

  public mutating func note(_ name: String, _ value: JSON?) {
    if let value, !evidence.contains(where: { $0.name == name }) { evidence.append(.init(name, value)) }
  }

  public mutating func note(_ name: String, _ text: String?) {
    note(name, text.map { .string(Excerpt($0).description) })
  }
}
