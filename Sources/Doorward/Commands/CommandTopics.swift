import ArgumentParser
import AuthorizationServer
import Catalogue

/// A topic for each command, made of the command itself, so that the two cannot differ.
enum CommandTopics {
  /// Codes, reasons, contracts and commands.
  static let allTopics = TopicTree(DocumentationSite.standardTopics.all + commands(DoorwardCommand.self, "commands"))

  private static func commands(_ command: any ParsableCommand.Type, _ name: String) -> [Topic] {
    let children = command.configuration.subcommands.map { ($0, name + "." + label($0)) }
    return [topic(command, name, children: children.map(\.1))] + children.flatMap { commands($0, $1) }
  }

  private static func label(_ command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? "\(command)".lowercased()
  }

  private static func topic(_ command: any ParsableCommand.Type, _ name: String, children: [String]) -> Topic {
    let path = name.split(separator: ".").dropFirst()
    let call = (["doorward"] + path.map(String.init)).joined(separator: " ")
    let parent = path.isEmpty ? [] : [name.split(separator: ".").dropLast().joined(separator: ".")]
    let seeAlso = parent + children
    let help = DoorwardCommand.helpMessage(for: command, columns: 78)
    let abstract = command.configuration.abstract
    let sections = [
      ("NAME", "\(call) — \(abstract)"), ("DESCRIPTION", abstract), ("USAGE", "```\n\(trimmed(help))\n```"),
      ("SEE ALSO", seeAlso.map { "- " + $0 }.joined(separator: "\n")),
    ]
    let body = "# \(name)\n\n" + sections.map { "## \($0.0)\n\n\($0.1)\n" }.joined(separator: "\n")
    return Topic(name: name, title: call, stability: "evolving", seeAlso: seeAlso, body: body)
  }

  /// Without empty lines at the end, and without spaces at the end of any.
  private static func trimmed(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(line.reversed().drop { $0 == " " }.reversed())
    }
    return String(lines.joined(separator: "\n").reversed().drop { $0 == "\n" }.reversed())
  }

  /// doorward(1): each command with its usage.
  static var manual: ManualPage {
    let commands = allTopics.all.filter { $0.path.first == "commands" && $0.path.count > 1 }
    let sections = commands.map { "### \($0.title)\n\n\($0[section: "USAGE"] ?? "")" }.joined(separator: "\n\n")
    let abstract = DoorwardCommand.configuration.abstract
    let body = """
      # doorward

      ## NAME

      \(abstract)

      ## SYNOPSIS

      `doorward` COMMAND [OPTIONS]

      ## DESCRIPTION

      \(abstract) Each command explains itself with `--help`.

      ## COMMANDS

      \(sections)

      ## EXIT STATUS

      - `0`: done
      - `2`: wrong usage
      - `3`: refused, or not found
      - `4`: the store or the server is unavailable

      ## SEE ALSO

      `doorward-errors`(7), `doorward-reasons`(7), `doorward-contracts`(7)

      """
    let topic = Topic(name: "doorward", title: "doorward", stability: "evolving", seeAlso: [], body: body)
    return ManualPage(topic, name: "doorward", section: 1)
  }
}
