import ArgumentParser
import AuthorizationServer
import Foundation
import OAuth
import SQLiteStorage
import Storage
import StrictJSON
import Vocabulary

struct ClientCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "client",
    abstract: "Register, list and change clients; beside a running server, which sees it at once.",
    subcommands: [
      Create.self, List.self, Show.self, Update.self, RotateSecret.self, Disable.self, Enable.self, Delete.self,
    ])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Register a client; its secret is shown once.")
    @OptionGroup var options: DataOptions
    @Option(help: "What people are shown.") var name: String
    @Option(name: .customLong("grant"), help: "A grant type it may use; repeat for more.") var grants: [String] = []
    @Option(help: "The scopes it may ask for, separated by spaces.") var scope = ""
    @Option(name: .customLong("redirect-uri"), help: "A registered redirect URI; repeat for more.") var redirectURIs:
      [String] = []
    @Option(help: "client_secret_basic, client_secret_post or none; repeat for more.") var method: [String] = []
    @Flag(name: .customLong("public"), help: "A public client: it has no secret.") var isPublic = false
    @Flag(help: "It may introspect the tokens of every client.") var introspectsAll = false
    @OptionGroup var openID: OpenIDOptions

    func run() async throws {
      let grantTypes = try readGrants(grants.isEmpty ? [GrantType.clientCredentials.rawValue] : grants, "--grant")
      let methods = try (isPublic ? ["none"] : method.isEmpty ? ["client_secret_basic", "client_secret_post"] : method)
        .map { name in
          guard let method = ClientAuthenticationMethod(rawValue: name) else {
            throw Ending.usage(
              "--method \(name): use one of \(ClientAuthenticationMethod.allCases.map(\.rawValue).joined(separator: ", "))"
            )
          }
          return method
        }
      if methods.contains(.none), methods.count > 1 { throw Ending.usage("a public client has no other method") }
      guard let scopes = Scopes(parsing: scope) else {
        throw Ending.usage("--scope: a scope is printable ASCII without quotes")
      }
      let addresses = try readAddresses(redirectURIs, "--redirect-uri")
      let created = ClientRegistration.make(
        name: name, methods: methods, grants: grantTypes, scopes: scopes, redirectURIs: addresses,
        introspectsAll: introspectsAll,
        openID: try openID.registration(redirectURIs: addresses, isPublic: methods == [.none]), now: Clock.now)
      do throws(ClientFault) { try created.client.check() } catch { throw Ending.usage(error.description) }
      try await withStore(options, create: true) { store in
        _ = try await store.commit(Batch([created.client.insertion]))
      }
      show(created.client, secret: created.secret, json: options.json)
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the clients.")
    @OptionGroup var options: DataOptions

    func run() async throws {
      let clients = try await withStore(options) {
        try await $0.all(Client.self).filter { $0.closedAt == nil }.map(\.record)
      }
      if options.json { return print(JSON.array(clients.map { describe($0, secret: nil) }).indented) }
      for client in clients { print("\(client.id)  \(client.isDisabled ? "disabled" : "enabled ")  \(client.name)") }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show one client.")
    @OptionGroup var options: DataOptions
    @Argument(help: "Its client_id.") var client: String

    func run() async throws {
      let found = try await withStore(options) { try await $0.read(Client.self, client) }
      guard let found, found.closedAt == nil else { throw unknown(client) }
      show(found.record, secret: nil, json: options.json)
    }
  }

  struct RotateSecret: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rotate-secret", abstract: "Make a new secret; the old ones end at once, or after --keep-old.")
    @OptionGroup var options: DataOptions
    @Argument(help: "Its client_id.") var client: String
    @Option(help: "How long the old secrets stay valid: 90s, 10m, 12h, 7d.") var keepOld = "0s"

    func run() async throws {
      guard let keep = Lifetime(parsing: keepOld) else {
        throw Ending.usage("--keep-old \(keepOld): a time such as 24h")
      }
      let now = Clock.now
      let created = try await withStore(options) {
        try await ClientRegistration.rotateSecret(ClientID(client), in: $0, oldUntil: now + keep, now: now)
      }
      guard let created else { throw unknown(client) }
      show(created.client, secret: created.secret, json: options.json)
    }
  }

  struct Disable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Disable a client: its credentials and tokens are refused.")
    @OptionGroup var options: DataOptions
    @Argument(help: "Its client_id.") var client: String

    func run() async throws {
      let changed = try await withStore(options) {
        try await ClientRegistration.change(ClientID(client), in: $0) { $0.isDisabled = true }
      }
      guard let changed else { throw unknown(client) }
      show(changed, secret: nil, json: options.json)
    }
  }

  struct Enable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Enable a disabled client: its credentials, and its tokens that are not over, count again.")
    @OptionGroup var options: DataOptions
    @Argument(help: "Its client_id.") var client: String

    func run() async throws {
      let changed = try await withStore(options) {
        try await ClientRegistration.change(ClientID(client), in: $0) { $0.isDisabled = false }
      }
      guard let changed else { throw unknown(client) }
      show(changed, secret: nil, json: options.json)
    }
  }

  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Delete a client for good.")
    @OptionGroup var options: DataOptions
    @Argument(help: "Its client_id.") var client: String

    func run() async throws {
      try await withStore(options) { store in
        guard let found = try await store.read(Client.self, client), found.closedAt == nil else {
          throw unknown(client)
        }
        _ = try await store.commit(Batch([.close(RecordKey(.client, client), at: Clock.now)]))
      }
      print(options.json ? JSON.object([.init("deleted", .string(client))]).text : "deleted \(client)")
    }
  }

  static func unknown(_ client: String) -> Ending {
    .refused("no client is registered as \(client); `doorward client list` shows those there are")
  }

  static func show(_ client: Client, secret: Secret?, json: Bool) {
    let value = describe(client, secret: secret)
    if json { return print(value.indented) }
    for member in value.members ?? [] { print("\(member.name): \(member.value.string ?? member.value.text)") }
  }

  static func describe(_ client: Client, secret: Secret?) -> JSON {
    var members: [JSON.Member] = [.init("client_id", .string(client.id.value))]
    if let secret { members.append(.init("client_secret", .string(secret.reveal()))) }
    members += [
      .init("name", .string(client.name.description)), .init("scope", .string(client.scopes.description)),
      .init("grant_types", .array(client.grants.map { .string($0.rawValue) })),
      .init("token_endpoint_auth_methods", .array(client.methods.map { .string($0.rawValue) })),
      .init("redirect_uris", .array(client.redirectURIs.map { .string($0.value) })),
      .init("disabled", .bool(client.isDisabled)), .init("created", .string(client.createdAt.description)),
    ]
    members += client.openID.shown
    return .object(members)
  }
}

private func unknown(_ client: String) -> Ending { ClientCommand.unknown(client) }
private func show(_ client: Client, secret: Secret?, json: Bool) {
  ClientCommand.show(client, secret: secret, json: json)
}
private func describe(_ client: Client, secret: Secret?) -> JSON { ClientCommand.describe(client, secret: secret) }

/// Opens the store, does something, closes it; failures end the command with exit code 4.
func withStore<Value>(
  _ options: DataOptions, create: Bool = false, _ body: (any Store) async throws -> Value
) async throws -> Value {
  let store = try await options.open(create: create).openStore()
  do {
    let value = try await body(store)
    await store.close()
    return value
  } catch let failure as StoreFailure { throw Ending.unavailable(describe(failure as any Error)) }
}
