public import Vocabulary

/// Where in a file of the operator's something stands.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
  public let file: Excerpt
  /// Counted from 1; 0 when the whole file is meant.
  public let line: Int

  public init(file: some StringProtocol, line: Int) {
    self.file = Excerpt(file)
    self.line = line
  }

  public var description: String { line > 0 ? "\(file):\(line)" : "\(file)" }
}

/// Configuration and contracts that are refused when they load, with file and line, never on a request.
public enum ConfigurationRefusal: RefusalArea {
  case unreadable(SourceLocation, Excerpt)
  case syntax(SourceLocation, Excerpt)
  case keyUnknown(SourceLocation, Excerpt, nearest: Excerpt?)
  case keyMissing(SourceLocation, Excerpt)
  case valueInvalid(SourceLocation, key: Excerpt, seen: Excerpt, expected: Excerpt)
  case contractSlotUnknown(SourceLocation, Excerpt, nearest: Excerpt?)
  case contractCaseMissing(SourceLocation, Code, Place)
  case contractCaseRepeated(SourceLocation, Code, Place)
  case contractStatusInvalid(SourceLocation, Code, seen: Int)
  case routeConflict(SourceLocation, Excerpt)
  case listenFailed(Excerpt, Excerpt)

  public enum Name: String, ReasonName {
    case unreadable = "configuration_unreadable"
    case syntax = "configuration_syntax"
    case keyUnknown = "configuration_key_unknown"
    case keyMissing = "configuration_key_missing"
    case valueInvalid = "configuration_value_invalid"
    case contractSlotUnknown = "contract_slot_unknown"
    case contractCaseMissing = "contract_case_missing"
    case contractCaseRepeated = "contract_case_repeated"
    case contractStatusInvalid = "contract_status_invalid"
    case routeConflict = "configuration_route_conflict"
    case listenFailed = "listen_address_unusable"

    public var code: Code { .configurationInvalid }
  }

  public var name: Name {
    switch self {
    case .unreadable: .unreadable
    case .syntax: .syntax
    case .keyUnknown: .keyUnknown
    case .keyMissing: .keyMissing
    case .valueInvalid: .valueInvalid
    case .contractSlotUnknown: .contractSlotUnknown
    case .contractCaseMissing: .contractCaseMissing
    case .contractCaseRepeated: .contractCaseRepeated
    case .contractStatusInvalid: .contractStatusInvalid
    case .routeConflict: .routeConflict
    case .listenFailed: .listenFailed
    }
  }

  public var explanation: Explanation {
    switch self {
    case .unreadable(let at, let fault):
      Explanation("\(at): the file cannot be read: \(fault).", expected: "a readable file", actual: "\(fault)")
    case .syntax(let at, let fault):
      Explanation("\(at): this is not YAML: \(fault).", expected: "YAML 1.2", actual: "\(fault)")
    case .keyUnknown(let at, let key, let nearest):
      Explanation(
        "\(at): the key \"\(key)\" is not known\(nearest.map { "; perhaps \"\($0)\" is meant" } ?? "").",
        expected: nearest.map(\.description) ?? "a documented key", actual: "\(key)")
    case .keyMissing(let at, let key):
      Explanation("\(at): the key \"\(key)\" is missing.", expected: "\(key)", actual: "(absent)")
    case .valueInvalid(let at, let key, let seen, let expected):
      Explanation(
        "\(at): \"\(key)\" is \"\(seen)\"; it must be \(expected).", expected: "\(expected)", actual: "\(seen)")
    case .contractSlotUnknown(let at, let slot, let nearest):
      Explanation(
        "\(at): the slot {\(slot)} is not known\(nearest.map { "; perhaps {\($0)} is meant" } ?? "").",
        expected: nearest.map { "{\($0)}" } ?? "a documented slot", actual: "{\(slot)}")
    case .contractCaseMissing(let at, let code, let place):
      Explanation(
        "\(at): the contract has no words for \(code.rawValue) at its \(place.rawValue) place.",
        expected: "a case for \(code.rawValue)", actual: "(absent)")
    case .contractCaseRepeated(let at, let code, let place):
      Explanation(
        "\(at): the contract words \(code.rawValue) twice at its \(place.rawValue) place.",
        expected: "one case for \(code.rawValue)", actual: "two")
    case .contractStatusInvalid(let at, let code, let seen):
      Explanation(
        "\(at): status \(seen) would turn the refusal \(code.rawValue) into something else.",
        expected: "a status from 400 to 599", actual: "\(seen)")
    case .routeConflict(let at, let what):
      Explanation("\(at): \(what).", expected: "routes and mounts that differ", actual: "\(what)")
    case .listenFailed(let address, let fault):
      Explanation(
        "The address \(address) cannot be listened on: \(fault).", expected: "a free address of this machine",
        actual: "\(fault)")
    }
  }
}
