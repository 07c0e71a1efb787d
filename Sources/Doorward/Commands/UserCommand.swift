import ArgumentParser
import AuthorizationServer
import Catalogue
import Foundation
import JOSE
import OAuth
import Storage
import StrictJSON
import Vocabulary

struct UserCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "The people who can sign in.",
    subcommands: [Create.self, List.self, SetPassword.self, Disable.self, Enable.self, Develops.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Add a person; the password is read from standard input.")
    @OptionGroup var options: DataOptions
    @Argument(help: "The name they type; kept in lower case, and found in any.") var name: String?
    @Option(help: "The same, as an option.") var username: String?
    @Option(help: "- to read the password from standard input (the default; never on the command line).") var password =
      "-"
    @Flag(help: "May read why anybody was refused, at /admin/explain.") var `operator` = false

    func run() async throws {
      guard let typed = name ?? username, name == nil || username == nil else {
        throw Ending.usage("name the person once: doorward user create grace@example.com")
      }
      let username: String
      do throws(Usernames.Fault) { username = try Usernames.checked(typed) } catch {
        throw Ending.usage(error.description)
      }
      let hash = try readPassword(password)
      var random = SystemRandomNumberGenerator()
      var user = User(
        id: SubjectID(TraceID(random: random.next(), random.next()).uuid), username: Excerpt(username),
        passwordHash: hash,
        createdAt: Clock.now)
      user.isOperator = `operator`
      let created = user
      let outcome = try await withStore(options, create: true) { store in
        if try await Usernames.find(username, in: store) != nil { return CommitOutcome.conflict }
        return try await store.commit(Batch([created.insertion]))
      }
      guard outcome == .committed else { throw Ending.refused("there is a user \(username) already") }
      print(
        options.json
          ? JSON.object([.init("id", .string(user.id.value)), .init("username", .string(username))]).text
          : "created \(username)")
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the people.")
    @OptionGroup var options: DataOptions

    func run() async throws {
      let users = try await withStore(options) { try await $0.all(User.self).map(\.record) }
      if options.json {
        return print(
          JSON.array(
            users.map {
              [
                "id": .string($0.id.value), "username": .string($0.username.description),
                "disabled": .bool($0.isDisabled), "operator": .bool($0.isOperator),
                "develops": .array($0.develops.map { .string($0.value) }),
              ]
            }
          ).indented)
      }
      for user in users {
        print(
          "\(user.id)  \(user.username)\(user.isOperator ? "  operator" : "")\(user.isDisabled ? "  disabled" : "")")
      }
    }
  }

  struct SetPassword: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give a person another password, read from standard input. Their sessions stay.")
    @OptionGroup var options: DataOptions
    @Argument(help: "The name they type.") var username: String
    @Option(help: "- to read it from standard input (the default).") var password = "-"

    func run() async throws {
      let hash = try readPassword(password)
      _ = try await withStore(options) { try await change(username, in: $0) { $0.passwordHash = hash } }
      print(options.json ? JSON.object([.init("username", .string(username))]).text : "changed \(username)")
    }
  }

  struct Disable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let a person sign in no more; their sessions end, and what they granted is withdrawn.",
      discussion: "Enabled again, they sign in anew and are asked anew.")
    @OptionGroup var options: DataOptions
    @Argument(help: "The name they type.") var username: String

    func run() async throws {
      try await withStore(options) { store in
        guard try await UserRegistration.disable(username, in: store, now: Clock.now) != nil else {
          throw unknown(username)
        }
      }
      print(options.json ? JSON.object([.init("username", .string(username))]).text : "disabled \(username)")
    }
  }

  struct Enable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let a disabled person sign in again.")
    @OptionGroup var options: DataOptions
    @Argument(help: "The name they type.") var username: String

    func run() async throws {
      _ = try await withStore(options) { try await change(username, in: $0) { $0.isDisabled = false } }
      print(options.json ? JSON.object([.init("username", .string(username))]).text : "enabled \(username)")
    }
  }
}

extension UserCommand {
  struct Develops: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let a person see, at /developer, why a client of theirs was refused.")
    @OptionGroup var options: DataOptions
    @Argument(help: "The name they type.") var username: String
    @Argument(help: "The clients, by id.") var clients: [String]
    @Flag(help: "Take it back.") var remove = false

    func run() async throws {
      let named = clients.map(ClientID.init)
      let isRemoval = remove
      let user = try await withStore(options) { store in
        for client in named where !isRemoval {
          guard let found = try await store.read(Client.self, client.value), found.closedAt == nil else {
            throw Ending.refused("there is no client \(client); `doorward client list` shows those there are")
          }
        }
        return try await change(username, in: store) { user in
          user.develops.removeAll { named.contains($0) }
          if !isRemoval { user.develops += named }
        }
      }
      let left = user.develops.map(\.value)
      print(
        options.json
          ? JSON.object([.init("username", .string(username)), .init("develops", .array(left.map { .string($0) }))])
            .text
          : "\(username) develops \(left.isEmpty ? "no client" : left.joined(separator: ", "))")
    }
  }
}

/// A password from standard input, hashed.
private func readPassword(_ source: String) throws -> [UInt8] {
  guard source == "-" else {
    throw Ending.usage("a password on the command line is seen by everyone; use --password -")
  }
  // At a terminal it is asked for and not shown.
  let typed = isatty(0) == 1 ? getpass("Password: ").map { String(cString: $0) } : readLine()
  guard let line = typed, line.utf8.count >= 8 else {
    throw Ending.usage("a password has at least 8 characters")
  }
  guard let hash = Passwords.hash(Secret(line)) else {
    throw Ending.unavailable("the password could not be hashed")
  }
  return hash
}

/// Changes a person with compare-and-swap.
@discardableResult
private func change(
  _ username: String, in store: any Store, _ edit: @Sendable (inout User) -> Void
) async throws -> User {
  guard let user = try await UserRegistration.change(username, in: store, edit) else { throw unknown(username) }
  return user
}

private func unknown(_ username: String) -> Ending {
  .refused("there is no user \(username); `doorward user list` shows those there are")
}
