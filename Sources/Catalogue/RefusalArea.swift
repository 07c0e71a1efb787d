public import StrictJSON
import Vocabulary

/// The refusal's own name, for the operator, the journal and its page. Each has exactly one code.
public protocol ReasonName: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
  var code: Code { get }
  /// Whether the developer of the client may read it (see `DeveloperDisclosure.swift`).
  var isToldToDevelopers: Bool { get }
}

/// One area of refusals. In each file the order is the same: facts, name, operator's words, caller's members.
public protocol RefusalArea: Error, Equatable, Sendable {
  associatedtype Name: ReasonName

  var name: Name { get }
  /// For the operator, with all the facts.
  var explanation: Explanation { get }
  /// Facts the caller may be told (reference: what it sent itself, what an authentic token says, public configuration).
  var members: [Member] { get }
}

extension RefusalArea {
  public var members: [Member] { [] }
}

/// The operator's report of one refusal: one sentence, and the pair that decided it.
public struct Explanation: Equatable, Sendable {
  /// Present tense, no blame, one sentence.
  public let sentence: String
  public let expected: String
  public let actual: String

  public init(_ sentence: String, expected: String, actual: String) {
    self.sentence = sentence
    self.expected = expected
    self.actual = actual
  }
}

/// One typed fact in an answer: `"required_scope": "read_odometer"`.
public struct Member: Equatable, Sendable {
  public enum Name: String, CaseIterable, Sendable {
    case parameter
    case parameterPlace = "parameter_place"
    case presented
    case acceptedLocations = "accepted_locations"
    case requiredScope = "required_scope"
    case expectedAudience = "expected_audience"
    case expiredAt = "expired_at"
    case notBefore = "not_before"
    case supportedMediaTypes = "supported_media_types"
    case contentType = "content_type"
    case requestedVersion = "requested_version"
    case supportedVersions = "supported_versions"
    case allowedMethods = "allowed_methods"
    case retryAfter = "retry_after"
    case problem
    case topic
    case suggestions
  }

  public let name: Name
  public let value: JSON

  public init(_ name: Name, _ value: JSON) {
    self.name = name
    self.value = value
  }
}

/// A reason without its facts: what the catalogue lists.
public struct Reason: Hashable, Sendable {
  public let name: String
  public let code: Code
  /// Whether the developer of the client may read it; otherwise they read what is common to all such of the code.
  public let isToldToDevelopers: Bool
  /// The last part of the page's address: `/errors/reasons/refresh-token-reused`.
  public var slug: String { String(name.map { $0 == "_" ? "-" : $0 }) }

  init(_ name: some ReasonName) {
    self.name = name.rawValue
    code = name.code
    isToldToDevelopers = name.isToldToDevelopers
  }
}
