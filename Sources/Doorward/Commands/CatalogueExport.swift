import ArgumentParser
import AuthorizationServer
import Catalogue
import Foundation
import StrictJSON

/// The catalogue for elsewhere: as one document, as a site of files, as pages of the manual.
struct CatalogueExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write the catalogue as one document, as a site, or as manual pages.",
    subcommands: [Documents.self, Site.self, Manual.self])

  struct Source: ParsableArguments {
    @Option(help: "The issuer that the pages speak of.") var issuer: String?
    @Option(help: "A configuration file, whose APIs and contracts are documented.") var config: String?

    func site() throws -> DocumentationSite {
      let configuration = try config.map { try loadConfiguration($0) }
      var address = issuer ?? configuration?.issuer ?? "https://issuer.example"
      while address.hasSuffix("/") { address.removeLast() }
      return DocumentationSite.offline(issuer: address, apis: configuration?.apis ?? [])
    }
  }

  struct Documents: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "document", abstract: "Print one document: json, schema, openapi, llms or llms-full.")
    @OptionGroup var source: Source
    @Argument(help: "json, schema, openapi, llms or llms-full.") var form: String

    private static let addresses = [
      "json": "/errors.json", "schema": "/errors/schema.json", "openapi": "/errors/openapi.json",
      "llms": "/errors/llms.txt", "llms-full": "/errors/llms-full.txt",
    ]

    func run() throws {
      guard let address = Self.addresses[form], let document = try source.site().document(at: address) else {
        throw Ending.usage("unknown document \(form) (want: \(Self.addresses.keys.sorted().joined(separator: ", ")))")
      }
      // One line for each member, so that two exports can be compared by eye.
      if let json = try? JSON(parsing: document) { return print(json.indented) }
      print(String(decoding: document, as: UTF8.self), terminator: "")
    }
  }

  struct Site: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "site", abstract: "Write the documentation as files for any web server.",
      discussion: "All links are relative: the folder may lie below any address. It needs index.html as its index.")
    @OptionGroup var source: Source
    @Flag(help: "Write into a folder that holds other files; they stay.") var force = false
    @Argument(help: "The folder. An earlier export in it is replaced as a whole.") var folder: String

    func run() throws {
      let files = SiteExport(try source.site()).files()
      try ExportFolder(path: folder).replace(files.map { ($0.path, $0.bytes) }, force: force)
      print("\(files.count) files in \(folder)")
    }
  }

  struct Manual: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "man", abstract: "Write manual pages: doorward(1), and section 7 for codes, reasons and contracts.")
    @OptionGroup var source: Source
    @Argument(help: "The folder, such as /usr/local/share/man; man1 and man7 are below it.") var folder: String

    func run() throws {
      let site = try source.site()
      var files = [("man1/doorward.1", Array(CommandTopics.manual.text(release: ManualCommand.release).utf8))]
      for topic in site.topics.all where topic.path.first != "commands" {
        files.append(("man7/\(topic.manualName).7", Array(site.manualPage(topic).utf8)))
      }
      try ExportFolder(path: folder).add(files)
      print("\(files.count) pages in \(folder)")
    }
  }
}

/// `doorward catalogue diff OLD.json`: the gate against silent changes.
struct CatalogueCompare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Compare with an earlier export; what breaks callers must stand in the changelog.",
    discussion:
      "Exit code 3 when a code or reason was removed or renamed, or its status, words or wire changed, and no line of the changelog names both it and the change."
  )
  @Option(help: "The changelog that owns up to changes.") var changelog: String?
  @Flag(help: "Print JSON.") var json = false
  @Argument(help: "What `doorward catalogue export document json` printed for the earlier release.") var old: String

  func run() throws {
    guard let bytes = FileManager.default.contents(atPath: old), let before = try? JSON(parsing: Array(bytes)),
      before["codes"]?.array != nil
    else { throw Ending.usage("\(old) is no export of the catalogue") }
    var lines = ""
    if let changelog {
      guard let text = try? String(contentsOfFile: changelog, encoding: .utf8) else {
        throw Ending.usage("\(changelog) cannot be read")
      }
      lines = text
    }
    // For the same issuer, so that only the catalogue can differ.
    let site = DocumentationSite.offline(issuer: before["issuer"]?.string ?? "https://issuer.example")
    guard let now = site.document(at: "/errors.json").flatMap({ try? JSON(parsing: $0) }) else {
      throw Ending.refused("the catalogue cannot be exported")
    }
    let changes = CatalogueDiff.changes(from: before, to: now)
    let unlisted = CatalogueDiff.unlisted(changes, changelog: lines)
    if json {
      print(JSON.array(changes.map { $0.json(isListed: !unlisted.contains($0)) }).indented)
    } else {
      for change in changes { print((unlisted.contains(change) ? "! " : "  ") + change.description) }
    }
    guard unlisted.isEmpty else {
      throw Ending.refused("\(unlisted.count) changes are in no changelog: a line must name the code and what changed")
    }
    if !json { print("\(changes.count) changes, none unaccounted for") }
  }
}

extension CatalogueDiff.Change {
  fileprivate func json(isListed: Bool) -> JSON {
    [
      "subject": .string(subject), "aspect": .string(aspect), "before": .string(before), "after": .string(after),
      "breaking": .bool(isBreaking), "listed": .bool(isListed),
    ]
  }
}
