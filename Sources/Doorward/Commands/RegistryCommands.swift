import ArgumentParser
import AuthorizationServer
import Catalogue
import Foundation
import JOSE
import OAuth
import Storage
import StrictJSON
import Vocabulary

struct GrantCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grant", abstract: "List and revoke what was granted.", subcommands: [List.self, Revoke.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the grants in force.")
    @OptionGroup var options: DataOptions
    @Option(help: "Only those of this client.") var client: String?

    func run() async throws {
      let grants = try await withStore(options) { store in
        try await store.all(Grant.self).filter {
          $0.closedAt == nil && (client == nil || $0.record.client.value == client)
        }.map(\.record)
      }
      if options.json {
        return print(
          JSON.array(
            grants.map {
              [
                "id": .string($0.id.value), "client_id": .string($0.client.value), "subject": .string($0.subject.value),
                "scope": .string($0.scopes.description), "created": .string($0.createdAt.description),
              ]
            }
          ).indented)
      }
      for grant in grants { print("\(grant.id)  \(grant.client)  \(grant.subject)  \(grant.scopes)") }
    }
  }

  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Revoke a grant: every token that came of it is refused.",
      discussion: "With the last grant a person gave a client goes their consent: they are asked again.")
    @OptionGroup var options: DataOptions
    @Argument(help: "The grant's id.") var grant: String

    func run() async throws {
      let left = try await withStore(options) { store in
        guard let found = try await store.read(Grant.self, grant), found.closedAt == nil else {
          throw Ending.refused("there is no grant \(grant) in force; `doorward grant list` shows those there are")
        }
        return try await Withdrawal.one(found.record, in: store, now: Clock.now)
      }
      if options.json {
        return print(JSON.object([.init("revoked", .string(grant)), .init("left", .integer(Int64(left)))]).text)
      }
      print("revoked \(grant)" + (left > 0 ? "; \(left) more of the same person and client in force" : ""))
    }
  }
}

struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Look into a token, or revoke it; the token is read from standard input.",
    subcommands: [Inspect.self, Revoke.self])

  /// The node without its server: enough to look a token up. The issuer is whatever the token says.
  static func inspection(_ options: DataOptions, _ token: String) async throws -> (Node, TokenInspection.Finding) {
    let claimed = (try? CompactJWS(parsing: token)).flatMap { try? Claims(payload: $0.payload) }?.issuer
    let node = try await Node.open(data: options.open(), url: claimed ?? "", apis: [])
    return (node, try await TokenInspection(issuer: node.issuer).find(Secret(token), now: Clock.now))
  }

  static func read(_ argument: String) throws -> String {
    guard argument == "-" else {
      throw Ending.usage("a token on the command line is seen by everyone; pass - and send it on standard input")
    }
    guard let line = readLine(), !line.isEmpty else { throw Ending.usage("standard input has no token") }
    return line
  }

  struct Inspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say what a token is, and whether it is in force.")
    @OptionGroup var options: DataOptions
    @Argument(help: "-: the token is read from standard input.") var token = "-"

    func run() async throws {
      let (_, finding) = try await TokenCommand.inspection(options, try TokenCommand.read(token))
      var members: [JSON.Member] = []
      func facts(_ facts: AccessTokenFacts) -> [JSON.Member] {
        [
          .init("client_id", .string(facts.client.value)), .init("sub", .string(facts.subject.value)),
          .init("scope", .string(facts.scopes.description)),
          .init("aud", .array(facts.audience.map { .string($0.value) })),
          .init("issued", .string(facts.issuedAt.description)), .init("expires", .string(facts.expiresAt.description)),
        ]
      }
      switch finding {
      case .access(let found): members = [.init("active", true), .init("kind", "access_token")] + facts(found)
      case .refresh(_, let family):
        members = [
          .init("active", true), .init("kind", "refresh_token"),
          .init("client_id", .string(family.record.client.value)),
          .init("grant", .string(family.record.grant.value)), .init("generation", .integer(family.record.generation)),
        ]
      case .refusedAccess(let refusal, let found):
        members =
          [
            .init("active", false), .init("reason", .string(refusal.name.rawValue)),
            .init("sentence", .string(refusal.explanation.sentence)),
          ] + (found.map(facts) ?? [])
      case .refusedRefresh(let refusal, let family):
        members = [
          .init("active", false), .init("kind", "refresh_token"), .init("reason", .string(refusal.name.rawValue)),
          .init("sentence", .string(refusal.explanation.sentence)),
          .init("client_id", .string(family.record.client.value)),
        ]
      case .unknown: members = [.init("active", false), .init("reason", "token_unknown")]
      }
      let value = JSON.object(members)
      if options.json { return print(value.indented) }
      for member in members { print("\(member.name): \(member.value.string ?? member.value.text)") }
    }
  }

  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Revoke a token before its time; a refresh token takes its grant with it.")
    @OptionGroup var options: DataOptions
    @Argument(help: "-: the token is read from standard input.") var token = "-"

    func run() async throws {
      let (node, finding) = try await TokenCommand.inspection(options, try TokenCommand.read(token))
      let now = Clock.now
      let changes: [Change]
      switch finding {
      case .access(let facts), .refusedAccess(_, .some(let facts)):
        changes = Withdrawal.token(facts, by: .operator, now: now)
      case .refresh(_, let family), .refusedRefresh(_, let family):
        changes = Withdrawal.grant(
          family.record.grant, by: .operator, until: family.record.expiresAt, now: now)
      case .refusedAccess, .unknown:
        throw Ending.refused("this token was not issued here, or is long gone: there is nothing to revoke")
      }
      do { _ = try await node.issuer.store.commit(Batch(changes)) } catch { throw Ending.unavailable(describe(error)) }
      print(options.json ? #"{"revoked":true}"# : "revoked")
    }
  }
}
