import ArgumentParser
import AuthorizationServer
import Foundation
import JOSE
import OAuth
import Storage
import StrictJSON
import Vocabulary

struct KeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "List and rotate the signing keys.",
    subcommands: [List.self, Rotate.self, Retire.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the keys, and what will happen to each when.",
      discussion:
        "active: it signs. upcoming: it is published, and signs later. retired: it signs no more, and is published until its tokens are over."
    )
    @OptionGroup var options: DataOptions

    func run() async throws {
      let now = Clock.now
      let keys = try await withStore(options) {
        try await $0.all(SigningKeyRecord.self).filter { $0.closedAt == nil }.map(\.record)
      }
      let rotation = try ServerProfile(options.open())?.rotation
      let shown = keys.sorted { ($0.algorithm.description, $0.createdAt) < ($1.algorithm.description, $1.createdAt) }
        .map { ShownKey($0, rotation, now) }
      if options.json { return print(JSON.array(shown.map(\.json)).indented) }
      for key in shown { print(key.line) }
    }
  }

  struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a new key; the old one stays published until its tokens are gone.",
      discussion:
        "Servers rotate by themselves, see `keys` in the configuration. This is for another moment, or for a key that somebody else may know."
    )
    @OptionGroup var options: DataOptions
    @Option(help: "ES256, RS256 or EdDSA; all that are in use when left out.") var algorithm: String?
    @Option(help: "How long the old key stays published: the longest life of an access token, as 1h or 2d.")
    var publishedFor = "24h"
    @Option(
      help: "How long the new key is published before it signs, for those who keep the key set; 0: it signs at once.")
    var publishBefore = "0"

    func run() async throws {
      guard let lifetime = Lifetime(parsing: publishedFor) else {
        throw Ending.usage("--published-for \(publishedFor): a number with s, m, h or d, as 24h")
      }
      guard let ahead = Lifetime(parsing: publishBefore) else {
        throw Ending.usage("--publish-before \(publishBefore): a number with s, m, h or d, as 24h")
      }
      let folder = try options.open()
      let keyFile = try folder.openKeyFile()
      let now = Clock.now
      let made = Made()
      let ending: (any Error)?
      do {
        try await rotate(lifetime: lifetime, ahead: ahead, keyFile: keyFile, made: made, now: now)
        ending = nil
      } catch { ending = error }
      // Also where the next one failed: it signs, and is not to be made again.
      let shown = await made.keys.map { ShownKey($0, nil, now) }
      if options.json {
        if ending == nil || !shown.isEmpty { print(JSON.array(shown.map(\.json)).indented) }
      } else {
        for key in shown { print(key.line) }
      }
      if let ending { throw ending }
    }

    private func rotate(
      lifetime: Lifetime, ahead: Lifetime, keyFile: KeyFile, made: Made, now: Instant
    ) async throws {
      try await withStore(options) { store in
        let used = Set(
          try await store.all(SigningKeyRecord.self).filter { $0.record.retiredAt == nil }.map {
            $0.record.algorithm.description
          })
        let wanted = try (algorithm.map { [$0] } ?? used.sorted()).map { name in
          guard let algorithm = Algorithm(rawValue: name) else {
            throw Ending.usage("--algorithm \(name): ES256, RS256 or EdDSA")
          }
          return algorithm
        }
        let hadTurn = try await store.inTurn(KeyRotation.turn) { _ in
          for (index, algorithm) in wanted.enumerated() {
            do {
              guard
                let rotated = try await KeyLifecycle.rotate(
                  algorithm, longestLifetime: lifetime, signsFrom: ahead.seconds == 0 ? nil : now + ahead,
                  store: store, keyFile: keyFile, now: now)
              else { throw busy }
              await made.add(rotated.made)
            } catch  where index > 0 { throw unfinished(wanted[index...], error) }
          }
        }
        guard hadTurn else { throw busy }
      }
    }

    private var busy: Ending { .unavailable("the keys are being rotated by another process; try again") }

    /// Some were made: what is left is to be done by name, lest those are made again.
    private func unfinished(_ left: ArraySlice<Algorithm>, _ error: any Error) -> Ending {
      let why = (error as? StoreFailure).map(describe) ?? "another process is rotating them"
      let ways = left.map { "`doorward key rotate --algorithm \($0.rawValue)`" }
      return .unavailable(
        "not rotated: \(left.map(\.rawValue).joined(separator: ", ")) (\(why)); go on with \(ways.joined(separator: ", "))"
      )
    }

    private actor Made {
      private(set) var keys: [SigningKeyRecord] = []

      func add(_ key: SigningKeyRecord) { keys.append(key) }
    }
  }

  struct Retire: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Withdraw a key at once: tokens it signed are refused.")
    @OptionGroup var options: DataOptions
    @Argument(help: "Its kid.") var key: String

    func run() async throws {
      try await withStore(options) { store in
        guard let found = try await store.read(SigningKeyRecord.self, key), found.closedAt == nil else {
          throw Ending.refused("there is no key \(key); `doorward key list` shows those there are")
        }
        let state = found.record.state(at: Clock.now)
        guard state == .retired else {
          throw Ending.refused(
            "\(key) is \(state == .active ? "the active key" : "the key that signs next"); run `doorward key rotate` first"
          )
        }
        _ = try await store.commit(Batch([.close(RecordKey(.signingKey, key), at: Clock.now)]))
      }
      print(options.json ? JSON.object([.init("retired", .string(key))]).text : "retired \(key)")
    }
  }
}

/// A key as `key list` shows it: what it does now, and what will happen when.
struct ShownKey {
  private let key: SigningKeyRecord
  private let state: SigningKeyRecord.State
  /// When its successor is published, and signs; `nil` where it has one, and where no server said when keys rotate.
  private let successor: (publishedFrom: Instant, signsFrom: Instant)?
  private let isNeverRotated: Bool

  init(_ key: SigningKeyRecord, _ rotation: ServerProfile.Rotation?, _ now: Instant) {
    self.key = key
    state = key.state(at: now)
    var successor: (Instant, Instant)?
    var isNeverRotated = false
    if key.retiredAt == nil, let rotation {
      switch rotation {
      case .never: isNeverRotated = true
      case .by(let rule):
        // What is overdue is done by the first server that looks.
        let due = max(now, rule.successorDue(after: key))
        successor = (due, due + rule.publishBefore)
      }
    }
    self.successor = successor
    self.isNeverRotated = isNeverRotated
  }

  var json: JSON {
    [
      "kid": .string(key.id.value), "alg": .string(key.algorithm.description),
      "created": .string(key.createdAt.description), "state": .string(state.rawValue),
      "signs_from": .string(key.signsSince.description),
      "signs_until": key.retiredAt.map { .string($0.description) } ?? .null,
      "published_until": key.publishedUntil.map { .string($0.description) } ?? .null,
      "successor": successor.map {
        [
          "published_from": .string($0.publishedFrom.description), "signs_from": .string($0.signsFrom.description),
        ]
      } ?? .null,
    ]
  }

  var line: String {
    var facts = ["signs from \(key.signsSince)"]
    if let until = key.retiredAt { facts.append("until \(until)") }
    if let until = key.publishedUntil { facts.append("published until \(until)") }
    if let successor {
      facts.append("its successor is published from \(successor.publishedFrom) and signs from \(successor.signsFrom)")
    }
    if isNeverRotated { facts.append("it is not rotated by itself") }
    return "\(key.id)  \(key.algorithm)  \(state.rawValue)  \(facts.joined(separator: ", "))"
  }
}
