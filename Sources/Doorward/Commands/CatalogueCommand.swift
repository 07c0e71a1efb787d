import ArgumentParser
import AuthorizationServer
import Catalogue
import Dialects
import Foundation
import StrictJSON
import Vocabulary

struct CatalogueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "catalogue", abstract: "Every code and reason this server knows.",
    subcommands: [List.self, Lint.self, Contracts.self, CatalogueExport.self, CatalogueCompare.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List codes and the reasons that end in them.")
    @Flag(help: "Print JSON.") var json = false

    func run() {
      if json {
        let codes = Code.allCases.map { code -> JSON in
          [
            "code": .string(code.rawValue), "slug": .string(code.slug), "status": .integer(code.entry.status),
            "error": code.entry.error.map { .string($0.rawValue) } ?? .null, "title": .string(code.entry.title),
            "text": .string(code.entry.text), "retry": .string(code.entry.retry.rawValue),
            "reasons": .array(Reason.all.filter { $0.code == code }.map { .string($0.name) }),
          ]
        }
        return print(JSON.array(codes).indented)
      }
      for code in Code.allCases {
        print("\(code.rawValue)  \(code.entry.status)  \(code.entry.retry.rawValue)  \(code.entry.title)")
        for reason in Reason.all where reason.code == code { print("    \(reason.name)") }
      }
    }
  }

  struct Lint: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Check that codes, reasons, pages and contracts agree.")

    func run() throws {
      var findings = CatalogueLint.findings() + CatalogueLint.links(of: CommandTopics.allTopics)
      for name in Contract.bundledNames where Contract.bundled(name) == nil {
        findings.append("the contract \(name) does not load")
      }
      for finding in findings { print(finding) }
      guard findings.isEmpty else { throw Ending.refused("\(findings.count) findings") }
      print(
        "\(Code.allCases.count) codes, \(Reason.all.count) reasons, \(Contract.bundledNames.count) contracts: no findings"
      )
    }
  }

  struct Contracts: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print a bundled contract file, to copy and change.")
    @Argument(help: "Its name; without one the names are listed.") var name: String?

    func run() throws {
      guard let name else { return print(Contract.bundledNames.joined(separator: "\n")) }
      guard let source = Contract.bundledSource(name) else {
        throw Ending.refused(
          "no contract \(name) is bundled; there are \(Contract.bundledNames.joined(separator: ", "))")
      }
      print(source, terminator: "")
    }
  }
}

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Check a configuration file.", subcommands: [Check.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Load a configuration and say what is wrong; nothing else.")
    @Option(help: "The configuration file.") var config: String?
    @Option(help: "The data folder the server would use.") var data: String?
    @Argument(help: "The configuration file.") var file: String?

    func run() throws {
      guard let path = file ?? config else { return print("no configuration file: the defaults are good") }
      let configuration = try loadConfiguration(path)
      for warning in configuration.warnings {
        FileHandle.standardError.write(Data("doorward: \(warning)\n".utf8))
      }
      let count = configuration.apis.count
      print("\(path): good (\(count) \(count == 1 ? "API" : "APIs"))")
    }
  }
}
