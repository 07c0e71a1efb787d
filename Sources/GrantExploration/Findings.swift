import AuthorizationServer
import Foundation
import OAuth
import Storage
import StrictJSON
import Vocabulary

/// What a run came to, in words that two runs which came to the same share: what each was told, which tokens work, and
/// what is stored.
struct Findings: Sendable {
  private(set) var answers: [String]
  private(set) var tokens: [(name: String, isActive: Bool)] = []
  private(set) var state: [String] = []
  /// What must never be.
  private(set) var violations: [String] = []

  var text: String { Self.text(answers, tokens, state) }

  /// Whether it is one of these. A code that was used and withdrawn is refused for either reason, and so is a superseded
  /// refresh token whose family is over: both are true.
  func isAmong(_ texts: Set<String>) -> Bool {
    var alike: [[String]] = [[]]
    for answer in answers {
      var words = [answer]
      if answer.hasSuffix("code_withdrawn") { words.append(answer.replacing("code_withdrawn", with: "code_reused")) }
      if answer.hasSuffix("token_reused") {
        words.append(answer.replacing("token_reused", with: "token_family_revoked"))
      }
      alike = alike.flatMap { before in words.map { before + [$0] } }
    }
    return alike.contains { texts.contains(Self.text($0, tokens, state)) }
  }

  private static func text(_ answers: [String], _ tokens: [(name: String, isActive: Bool)], _ state: [String]) -> String
  {
    answers.joined(separator: "; ") + " → "
      + tokens.map { "\($0.name) \($0.isActive ? "works" : "is over")" }.joined(separator: ", ") + "; "
      + state.joined(separator: ", ")
  }

  /// - Parameters:
  ///   - masked: whose answers are not known: they died, or the store failed them.
  ///   - isRepeated: whether these are done once more first, as whoever got no answer would.
  init(_ ending: Ending, _ scenario: Scenario, masked: Set<Int>, repeating isRepeated: Bool) async throws {
    let world = ending.world
    answers = []
    for (index, told) in ending.told.enumerated() {
      let node = world.nodes[scenario.operations[index].node]
      answers.append(masked.contains(index) ? "?" : await Self.words(told, node))
    }
    await checkServingNodes(ending, scenario)
    let fresh = try await Node(world.ground, world.store)
    if isRepeated {
      for index in masked { _ = try await scenario.operations[index].operation.act(world, fresh) }
    }
    for node in world.nodes + [fresh] { await node.catchUp() }
    try await checkTokens(ending, scenario, masked, fresh)
    try await checkRecords(world)
    checkSingleUse(ending, scenario)
    checkOrder(ending, scenario)
    try await describe(world, fresh)
  }

  private static func words(_ told: Told?, _ node: Node) async -> String {
    guard let told else { return "nothing" }
    if told.words == Told.asks { return Told.asks }
    if told.isAcknowledged {
      return told.words.isEmpty ? "\(told.status)" : "\(told.status) \(told.words)"
    }
    await node.issuer.journal.flush()
    if told.trace.flatMap(node.sink.reason) == "signed_out_meanwhile" { return "asks the person" }
    return "\(told.status) \(told.trace.flatMap(node.sink.reason) ?? told.words)"
  }

  /// What a node ended itself is over there at once, before it hears of anything.
  private mutating func checkServingNodes(_ ending: Ending, _ scenario: Scenario) async {
    let world = ending.world
    for (index, told) in ending.told.enumerated() {
      let place = scenario.operations[index]
      let wasReused = answers[index].hasSuffix(" refresh_token_reused")
      var ended: Set<Line> = wasReused ? [.family] : []
      if answers[index].hasSuffix(" code_reused") { ended.insert(.code) }
      if told?.isAcknowledged == true, place.operation.isServed { ended.formUnion(place.operation.ends) }
      for (line, token) in Self.held(ending, scenario) where ended.contains(line) {
        if await world.nodes[place.node].isActive(token, world.ground) {
          violations.append("\(place.operation.name) was answered \(answers[index]), and there a token still works")
        }
      }
    }
  }

  /// The tokens there are of each line.
  private static func held(_ ending: Ending, _ scenario: Scenario) -> [(Line, Secret)] {
    let world = ending.world
    return [(.family, world.current), (.family, World.superseded), (.family, world.access)]
      + ending.told.enumerated().flatMap { index, told in
        scenario.operations[index].operation.gives.map { line in (told?.tokens ?? []).map { (line, $0) } } ?? []
      }
  }

  private mutating func checkTokens(
    _ ending: Ending, _ scenario: Scenario, _ masked: Set<Int>, _ fresh: Node
  ) async throws {
    let world = ending.world
    var names: [(String, Secret)] = [
      ("access", world.access), ("current", world.current), ("superseded", World.superseded),
    ]
    for (index, told) in ending.told.enumerated() where !masked.contains(index) {
      let operation = scenario.operations[index].operation
      guard operation.gives != nil else { continue }
      for (number, token) in (told?.tokens ?? []).enumerated() {
        let known = names.first { $0.1 == token }?.0
        let name = "\(number == 0 ? "access" : "refresh") token of \(index + 1)"
        if let known { state.append("\(name) is \(known)") } else { names.append((name, token)) }
      }
    }
    for (name, token) in names {
      let isActive = await fresh.isActive(token, world.ground)
      for node in world.nodes where await node.isActive(token, world.ground) != isActive {
        violations.append("two nodes that have heard of all disagree about \(name)")
      }
      tokens.append((name, isActive))
    }
    for (index, told) in ending.told.enumerated() {
      var ended = told?.isAcknowledged == true ? scenario.operations[index].operation.ends : []
      if answers[index].hasSuffix(" refresh_token_reused") { ended.insert(.family) }
      if answers[index].hasSuffix(" code_reused") { ended.insert(.code) }
      for (line, token) in Self.held(ending, scenario) where ended.contains(line) {
        if await fresh.isActive(token, world.ground) {
          violations.append(
            "\(scenario.operations[index].operation.name) was answered \(answers[index]), and a token works after all")
        }
      }
    }
  }

  /// A code succeeds once; a refresh token has one successor, however often it is presented.
  private mutating func checkSingleUse(_ ending: Ending, _ scenario: Scenario) {
    let exchanges = ending.told.enumerated().filter { index, told in
      scenario.operations[index].operation.presents == World.code && told?.status == 200
    }
    if exchanges.count > 1 { violations.append("a code succeeded \(exchanges.count) times") }
    for name in Set(scenario.operations.map(\.operation.name)) {
      let successors = ending.told.enumerated().compactMap { index, told in
        scenario.operations[index].operation.name == name && scenario.operations[index].operation.gives == .family
          ? told?.refreshToken?.reveal() : nil
      }
      if Set(successors).count > 1 { violations.append("a refresh token has \(Set(successors).count) successors") }
    }
  }

  /// What was over before it was asked for is not given; what was not over is not refused for being so.
  private mutating func checkOrder(_ ending: Ending, _ scenario: Scenario) {
    let operations = scenario.operations.map(\.operation)
    for (index, told) in ending.told.enumerated() {
      guard let told else { continue }
      let before = operations.indices.filter { ending.isBefore($0, index) && ending.told[$0]?.isAcknowledged == true }
      let ended = before.filter { operations[$0].isLookedUp }.reduce(into: Set<Line>()) {
        $0.formUnion(operations[$1].ends)
      }
      if let line = operations[index].gives, told.status == 200, ended.contains(line) {
        violations.append("\(operations[index].name) succeeded after its grant was over")
      }
      let passed = before.reduce(0) { $0 + operations[$1].seconds }
      let isSuperseded = operations[index].presents == World.superseded
      if told.status == 200,
        operations[index].presents == World.code && passed >= Self.codeSeconds
          || isSuperseded && scenario.rotatedAgo + passed >= Self.graceSeconds
      {
        violations.append("\(operations[index].name) succeeded after its time")
      }
      let isTimeStill = operations.allSatisfy { $0.seconds == 0 }
      let isRotated = operations.contains { $0.name == Operation.rotate.name }
      if isSuperseded, answers[index].hasSuffix("token_reused"), isTimeStill, !isRotated,
        scenario.rotatedAgo < Self.graceSeconds
      {
        violations.append("\(operations[index].name) was taken for reuse inside the grace")
      }
    }
  }

  /// As the contract `oauth` says.
  private static let codeSeconds: Int64 = 60
  private static let graceSeconds: Int64 = 30

  /// Nothing is half written: what hangs together is there together.
  private mutating func checkRecords(_ world: World) async throws {
    let grants = Dictionary(uniqueKeysWithValues: try await world.memory.all(Grant.self).map { ($0.record.id, $0) })
    let families = try await world.memory.all(TokenFamily.self).map(\.record)
    let tokens = try await world.memory.all(RefreshTokenRecord.self).map(\.record)
    for family in families {
      if grants[family.grant] == nil { violations.append("a family has no grant") }
      let generations = tokens.filter { $0.family == family.id }.map(\.generation).sorted()
      if generations != Array(1...family.generation) {
        violations.append("a family of generation \(family.generation) has tokens of \(generations)")
      }
    }
    for token in tokens where !families.contains(where: { $0.id == token.family }) {
      violations.append("the refresh token \(token.generation) has no family")
    }
    for code in try await world.memory.all(AuthorizationCodeRecord.self).map(\.record) {
      guard grants[code.grant] != nil else {
        violations.append("a code has no grant")
        continue
      }
      let opened = families.filter { $0.grant == code.grant }.count
      if opened != (code.usedAt == nil ? 0 : 1) {
        violations.append("a code that was \(code.usedAt == nil ? "not used" : "used") has \(opened) families")
      }
    }
  }

  private mutating func describe(_ world: World, _ fresh: Node) async throws {
    let client = world.ground.app.client.id
    let consent = try await world.memory.read(Consent.self, Consent.storageKey(SubjectID("ada"), client))
    state.append(consent == nil ? "no consent" : "a consent")
    let grants = try await world.memory.all(Grant.self)
    state.append("\(grants.filter { $0.closedAt == nil }.count) of \(grants.count) grants in force")
    let sessions = try await world.memory.all(Session.self)
    state.append("\(sessions.filter { $0.closedAt == nil }.count) of \(sessions.count) sessions in force")
    let isTold = try await !world.memory.all(LogoutNotice.self).isEmpty
    state.append(isTold ? "the application is told" : "nobody is told")
    let used = try await world.memory.all(AuthorizationCodeRecord.self).filter { $0.record.usedAt != nil }.count
    state.append("\(used) codes used")
    let stays = Set(sessions.filter { $0.closedAt == nil }.map(\.record.id))
    for grant in grants where grant.closedAt == nil {
      if let session = grant.record.session, !stays.contains(session) {
        // Harmless while nothing came of it: its code goes with its session.
        let isUsed = try await world.memory.all(TokenFamily.self).contains { $0.record.grant == grant.record.id }
        if isUsed { violations.append("a grant whose session is over is in force, and the application was never told") }
      }
    }
  }
}
