import ArgumentParser
import Foundation

/// The command tree. Exit codes: 0 done, 2 usage, 3 refused or not found, 4 the store or server is unavailable.
@main
struct DoorwardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doorward",
    abstract:
      "An OAuth 2 authorization server and API gatekeeper whose refusals are exact, documented and explainable.",
    version: doorwardVersion,
    subcommands: [
      Serve.self, Demo.self, ClientCommand.self, UserCommand.self, KeyCommand.self, GrantCommand.self,
      TokenCommand.self,
      Explain.self, Check.self, Provoke.self, CatalogueCommand.self, ConfigCommand.self, ManualCommand.self,
      MigrateCommand.self, BackupCommand.self, RestoreCommand.self,
    ])

  static func main() async {
    do {
      var command = try parseAsRoot()
      CommandLine.hidePasswords()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let ending as Ending {
      FileHandle.standardError.write(Data("doorward: \(ending.message)\n".utf8))
      Foundation.exit(ending.code)
    } catch {
      let code = exitCode(for: error).rawValue
      let text = fullMessage(for: error)
      let handle = code == 0 ? FileHandle.standardOutput : FileHandle.standardError
      if !text.isEmpty { handle.write(Data((text + "\n").utf8)) }
      // ArgumentParser says 64 for a wrong call; the interface promises 2.
      Foundation.exit(code == 64 ? 2 : code)
    }
  }
}

let doorwardVersion = "0.1.0"

/// How a command ends when it does not succeed: a sentence that names the fix, and the exit code.
struct Ending: Error {
  let code: Int32
  let message: String

  static func usage(_ message: String) -> Ending { Ending(code: 2, message: message) }
  static func refused(_ message: String) -> Ending { Ending(code: 3, message: message) }
  static func unavailable(_ message: String) -> Ending { Ending(code: 4, message: message) }
}
