/// Explores one scenario: every interleaving, every failure, held against what operations one after the other come to.
struct Report {
  let scenario: Scenario
  let ground: Ground
  let isVerbose: Bool
  /// Whether orders that differ in nothing that touches are told apart, too.
  let isWhole: Bool
  /// Whether failures are tried where that takes long, too.
  let isLong: Bool
  /// One after the other, the operations take more turns than this where trying failures takes long.
  private static let fewTurns = 16
  private var turns = 0

  private(set) var lines: [String] = []
  private(set) var interleavings = 0
  private(set) var problems = 0

  init(_ scenario: Scenario, _ ground: Ground, isVerbose: Bool, isWhole: Bool, isLong: Bool) {
    self.isLong = isLong
    self.isWhole = isWhole
    self.scenario = scenario
    self.ground = ground
    self.isVerbose = isVerbose
  }

  mutating func explore() async throws {
    let all = Array(scenario.operations.indices)
    let allowed = try await oneAfterTheOther(all, masked: nil)
    var seen: [String: Int] = [:]
    var exploration = Exploration(
      Run(scenario: scenario, ground: ground, participants: all), .interleaved(failing: false), isReduced: !isWhole)
    var found: [(Findings, Ending)] = []
    try await exploration.explore { ending, _ in
      let findings = try await Findings(ending, scenario, masked: [], repeating: false)
      seen[findings.text, default: 0] += 1
      if !findings.violations.isEmpty || !findings.isAmong(allowed) { found.append((findings, ending)) }
      return found.count < 3
    }
    for (findings, ending) in found { complain(findings, ending, allowed) }
    interleavings = exploration.played
    var failures = 0
    if problems == 0, all.count == 2, isLong || turns <= Self.fewTurns { failures = try await fail(all) }
    interleavings += failures
    lines.insert(
      "\(scenario.name): \(exploration.played) interleavings"
        + (exploration.abandoned > 0 ? " (\(exploration.abandoned) more are alike)" : "")
        + (failures > 0 ? ", \(failures) with a failure" : "") + ", \(seen.count) outcomes", at: 0)
    if isVerbose { lines += seen.sorted { $0.key < $1.key }.map { "    \($0.value) × \($0.key)" } }
  }

  /// What the operations come to one after the other, in every order.
  private mutating func oneAfterTheOther(_ participants: [Int], masked: Int?) async throws -> Set<String> {
    var texts: Set<String> = []
    var most = turns
    var found: [(Findings, Ending)] = []
    var exploration = Exploration(
      Run(scenario: scenario, ground: ground, participants: participants), .sequential, isReduced: false)
    try await exploration.explore { ending, _ in
      let findings = try await Findings(ending, scenario, masked: masked.map { [$0] } ?? [], repeating: false)
      texts.insert(findings.text)
      if !findings.violations.isEmpty, found.count < 3 { found.append((findings, ending)) }
      most = max(most, ending.history.count)
      return true
    }
    turns = most
    for (findings, ending) in found { complain(findings, ending, texts) }
    return texts
  }

  /// One failure at each turn: what failed has happened wholly or not at all, and can be asked for again.
  private mutating func fail(_ all: [Int]) async throws -> Int {
    var allowed: [Int: Set<String>] = [:]
    for index in all {
      allowed[index] = try await oneAfterTheOther(all, masked: index)
      if scenario.operations[index].operation.isAtomic {
        allowed[index]?.formUnion(try await oneAfterTheOther(all.filter { $0 != index }, masked: index))
      }
    }
    let whole = try await oneAfterTheOther(all, masked: nil)
    var exploration = Exploration(
      Run(scenario: scenario, ground: ground, participants: all), .interleaved(failing: true), isReduced: !isWhole)
    var found: [(Findings, Ending, Set<String>)] = []
    var failures = 0
    try await exploration.explore { ending, failed in
      guard let failed else { return true }
      failures += 1
      let index = failed.operation
      // A refusal that was given in spite of the failure is an answer like any other.
      let isMasked = ending.told[index].map(\.isFailure) ?? true
      let findings = try await Findings(
        ending, scenario, masked: isMasked ? [index] : [],
        repeating: isMasked && !scenario.operations[index].operation.isAtomic)
      let may = isMasked ? allowed[index] ?? [] : whole
      if !findings.violations.isEmpty || !findings.isAmong(may) { found.append((findings, ending, may)) }
      return found.count < 3
    }
    for (findings, ending, may) in found { complain(findings, ending, may) }
    return failures
  }

  private mutating func complain(_ findings: Findings, _ ending: Ending, _ allowed: Set<String>) {
    problems += 1
    lines.append("  WRONG: " + findings.text)
    lines += findings.violations.map { "    " + $0 }
    if !findings.isAmong(allowed) {
      lines.append("    no order of one after the other comes to this; they come to:")
      lines += allowed.sorted().map { "      " + $0 }
    }
    lines.append("    the turns were:")
    lines += ending.history.map { "      " + $0 }
  }
}
