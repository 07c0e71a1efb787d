public import Catalogue
import StrictJSON
public import Vocabulary

/// Finds out what an answer was from the answer alone: every contract words every code once more, and the one that
/// says the same is it. Also takes a redirect's address and a lone `WWW-Authenticate` value, as people paste them.
public struct Recognition: Sendable {
  public let contract: Contract
  public let code: Code
  public let place: Place
  /// Others that would have looked just the same: contracts word several codes alike on purpose.
  public let alike: [Code]
}

/// An answer as pasted: what could be read of it.
public struct PastedAnswer: Sendable {
  public private(set) var status: Int?
  public private(set) var trace: TraceID?
  /// What is compared: the JSON body, the address's parameters, or the challenge's, by name.
  private var members: [(name: String, text: String)] = []
  private var isRedirect = false
  private var isChallenge = false

  /// Reads a whole HTTP answer, a JSON body, a redirect's address or a challenge; `nil` when it is none of them.
  public init?(_ text: String) {
    let unix = text.replacing("\r\n", with: "\n")
    let trimmed = unix.trimmed
    if trimmed.hasPrefix("HTTP/") {
      read(answer: trimmed)
    } else if trimmed.hasPrefix("{") {
      read(body: trimmed)
    } else if let challenge = Self.challenge(trimmed) {
      isChallenge = true
      members = challenge
    } else if trimmed.contains("error="), let start = trimmed.firstIndex(where: { $0 == "?" || $0 == "#" }) {
      read(address: String(trimmed[trimmed.index(after: start)...]))
    } else if trimmed.contains(":") {
      for line in trimmed.split(separator: "\n") { read(header: String(line)) }
    }
    if members.isEmpty, trace == nil, status == nil { return nil }
  }

  private mutating func read(answer: String) {
    let parts =
      answer.firstRange(of: "\n\n").map { (answer[..<$0.lowerBound], answer[$0.upperBound...]) } ?? (answer[...], "")
    let lines = parts.0.split(separator: "\n")
    status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    for line in lines.dropFirst() { read(header: String(line)) }
    read(body: String(parts.1))
  }

  private mutating func read(header line: String) {
    guard let colon = line.firstIndex(of: ":") else { return }
    let name = line[..<colon].lowercased()
    let value = String(line[line.index(after: colon)...]).trimmed
    switch name {
    case "location":
      if let start = value.firstIndex(where: { $0 == "?" || $0 == "#" }) {
        read(address: String(value[value.index(after: start)...]))
      }
    case "www-authenticate" where members.isEmpty:
      if let challenge = Self.challenge(value) {
        isChallenge = true
        members = challenge
      }
    default:
      if let found = TraceID(value), name.hasSuffix("trace-id") || name.hasSuffix("request-id") { trace = found }
    }
  }

  private mutating func read(body: String) {
    guard let json = try? JSON(parsing: Array(body.utf8)) else { return }
    let flat = Self.flat(json)
    if !flat.isEmpty {
      members = flat
      isChallenge = false
    }
    for (name, text) in flat where trace == nil && Self.isTraceName(name) { trace = TraceID(text) }
  }

  private mutating func read(address query: String) {
    guard let form = try? Form(decoding: (query.split(separator: "#").first ?? "").utf8) else { return }
    isRedirect = true
    members = form.parameters.filter { $0.name != "state" && $0.name != "iss" }.map { ($0.name, $0.value) }
  }

  private static func isTraceName(_ name: String) -> Bool {
    let last = name.split(separator: ".").last.map { $0.lowercased().filter { $0 != "_" && $0 != "-" } } ?? ""
    return ["traceid", "requestid", "screquestid", "instance", "id", "ticket", "correlationid"].contains(last)
  }

  /// Every text and number in it, by its path.
  private static func flat(_ json: JSON, _ path: String = "") -> [(String, String)] {
    switch json {
    case .object(let members): members.flatMap { flat($0.value, path.isEmpty ? $0.name : path + "." + $0.name) }
    case .array(let values): values.enumerated().flatMap { flat($0.element, path + ".\($0.offset)") }
    case .string(let text): [(path, text)]
    case .null: []
    case .bool, .number: [(path, json.text)]
    }
  }

  /// `Bearer realm="x", error="invalid_token"` as its parameters.
  private static func challenge(_ text: String) -> [(String, String)]? {
    guard let space = text.firstIndex(of: " "), ["bearer", "basic", "dpop"].contains(text[..<space].lowercased()) else {
      return nil
    }
    var parameters: [(String, String)] = []
    var rest = text[text.index(after: space)...]
    while let equals = rest.firstIndex(of: "=") {
      let name = rest[..<equals].filter { $0 != " " && $0 != "," }
      rest = rest[rest.index(after: equals)...]
      guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else { break }
      parameters.append((name, String(rest[rest.index(after: rest.startIndex)..<end])))
      rest = rest[rest.index(after: end)...]
    }
    return parameters
  }
}

extension PastedAnswer {
  /// The contract and code that say just this; the best of them first.
  public func recognised(among contracts: [Contract]) -> Recognition? {
    var best: [(score: Int, contract: Contract, code: Code, place: Place)] = []
    for contract in contracts {
      for code in Code.allCases {
        for place in code.entry.places where isPossible(place, contract) {
          let score = score(contract, code, place)
          if score > 0 { best.append((score, contract, code, place)) }
        }
      }
    }
    guard let top = best.map(\.score).max(), let first = best.first(where: { $0.score == top }) else { return nil }
    let alike = best.filter { $0.score == top && $0.contract.name == first.contract.name && $0.code != first.code }
    return Recognition(
      contract: first.contract, code: first.code, place: first.place,
      alike: Array(Set(alike.map(\.code))).sorted { $0.rawValue < $1.rawValue })
  }

  private func isPossible(_ place: Place, _ contract: Contract) -> Bool {
    switch place {
    case .api, .documentation: !isRedirect
    case .token: !isRedirect && !contract.tokenEndpoints.isEmpty
    case .authorization: isRedirect && contract.authorization != nil
    case .page, .terminal: false
    }
  }

  /// How much of what is constant in the wording is in the answer; zero when something contradicts it.
  private func score(_ contract: Contract, _ code: Code, _ place: Place) -> Int {
    let wire = contract.render(
      PublicRefusal.example(code), at: place == .documentation ? .api : place,
      RenderingContext(
        trace: TraceID(random: 1, 2), path: "/", realm: "x", issuer: "https://issuer.example", resourceMetadata: nil))
    if let status, !isRedirect, wire.status != status { return 0 }
    var wording = Self.flat((try? JSON(parsing: wire.body)) ?? .null)
    if isChallenge {
      guard let value = wire.headers.first(where: { $0.name == "WWW-Authenticate" })?.value else { return 0 }
      wording = Self.challenge(value) ?? []
    }
    var score = 0
    for (name, text) in wording {
      guard let seen = members.first(where: { $0.name == name })?.text else {
        if !Self.isTraceName(name) { score -= 1 }
        continue
      }
      if seen == text || Self.tail(seen) == Self.tail(text) {
        score += name == "code" || name.hasSuffix(".code") ? 8 : 4
      } else if ["error", "code", "type", "statusCode", "status"].contains(name.split(separator: ".").last ?? "") {
        return 0
      }
    }
    for (name, _) in members where !wording.contains(where: { $0.0 == name }) { score -= 1 }
    return score
  }

  /// An address without its host: pages are at every server's own.
  private static func tail(_ text: String) -> String {
    guard let mark = text.firstRange(of: "://") else { return text }
    return String(text[mark.upperBound...].drop { $0 != "/" })
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = self[...]
    while let first = text.first, first.isWhitespace { text = text.dropFirst() }
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return String(text)
  }
}
