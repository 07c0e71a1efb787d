import OAuth
import Storage
import Synchronization
import Vocabulary

/// One turn: whose, and how it goes.
struct Turn: Equatable, Sendable {
  let operation: Int
  let way: Way
}

/// What a run came to.
struct Ending: Sendable {
  let world: World
  /// What each operation was told; `nil` for one that died, or that had no place in this run.
  let told: [Told?]
  /// The turns, in words.
  let history: [String]
  /// The turn with which each began, and the one after which it was told.
  let began: [Int: Int]
  let ended: [Int: Int]
  /// Whether the run was given up since others show the same.
  let isAbandoned: Bool
}

/// What the operations were told, by their place. A class, since their tasks share it; the lock protects it.
private final class Answers: Sendable {
  private let told: Mutex<[Told?]>

  init(_ count: Int) { told = Mutex([Told?](repeating: nil, count: count)) }

  func set(_ index: Int, _ answer: Told) { told.withLock { $0[index] = answer } }

  var all: [Told?] { told.withLock { $0 } }
}

extension Ending {
  /// Whether one was told before the other began.
  func isBefore(_ first: Int, _ second: Int) -> Bool {
    guard let end = ended[first], let start = began[second] else { return false }
    return end < start
  }
}

/// Plays one interleaving of a scenario from the start.
struct Run {
  let scenario: Scenario
  let ground: Ground
  /// Which operations take part.
  let participants: [Int]

  /// - Parameter choose: given what each waits for, whose turn it is; `nil` to give the run up.
  func play(_ choose: ([Int: Verb]) -> Turn?) async throws -> Ending {
    let world = try await World(ground, scenario)
    let told = Answers(scenario.operations.count)
    var dead: Set<Int> = []
    var history: [String] = []
    var isAbandoned = false
    var answers: [Told?] = []
    var began: [Int: Int] = [:]
    var ended: [Int: Int] = [:]
    await withTaskGroup(of: Void.self) { group in
      let stage = world.stage
      for index in participants {
        stage.enter()
        let place = scenario.operations[index]
        group.addTask {
          await Stage.$operation.withValue(index) {
            if await stage.turn(of: index, for: .begin) == .done {
              let answer = await Self.act(place.operation, world, world.nodes[place.node])
              told.set(index, answer)
            }
          }
          stage.leave()
        }
      }
      while true {
        let waiting = await stage.still().filter { !dead.contains($0.key) }
        for index in began.keys where waiting[index] == nil && ended[index] == nil { ended[index] = history.count - 1 }
        if waiting.isEmpty { break }
        guard let turn = choose(waiting) else {
          isAbandoned = true
          break
        }
        if began[turn.operation] == nil { began[turn.operation] = history.count }
        history.append(describe(turn, waiting[turn.operation]))
        if turn.way.isDeath {
          let node = scenario.operations[turn.operation].node
          for index in participants where scenario.operations[index].node == node { dead.insert(index) }
        }
        if turn.way != .diesBefore { stage.give(turn.operation, turn.way) }
      }
      // The others' answers stand before the dead ones are let go of.
      _ = await stage.still()
      answers = told.all
      stage.clear()
      await group.waitForAll()
    }
    for index in dead { answers[index] = nil }
    return Ending(
      world: world, told: answers, history: history, began: began, ended: ended, isAbandoned: isAbandoned)
  }

  private static func act(_ operation: Operation, _ world: World, _ node: Node) async -> Told {
    do { return try await operation.act(world, node) } catch { return Told(status: 503, words: "\(error)") }
  }

  private func describe(_ turn: Turn, _ verb: Verb?) -> String {
    let place = scenario.operations[turn.operation]
    let what =
      switch verb {
      case .begin: "begins"
      case .read(let keys): "reads " + keys.map { $0.kind.rawValue }.joined(separator: ", ")
      case .list(.changed): "lists changes"
      case .list(.all(let kind, _, _)), .list(.indexed(let kind, _, _, _, _)), .list(.closed(let kind, _, _, _)):
        "lists \(kind.rawValue)"
      case .commit(let batch): "commits \(batch.changes.count) changes"
      case .sweep: "sweeps"
      case .hear: "hears"
      case .wait: "passes"
      case nil: "?"
      }
    let way = turn.way == .done ? "" : " and \(turn.way)"
    return "\(place.operation.name) (node \(place.node)) \(what)\(way)"
  }
}
