import ArgumentParser
import AuthorizationServer
import Catalogue
import Dialects

/// A page of the manual on standard output: `doorward man CODE | man -l -`.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "man", abstract: "Print a page of the manual: of a code, a reason, a topic, or of doorward itself.")

  @Argument(help: "A CODE, a reason or a topic; without one doorward(1).") var name: String?

  func run() throws {
    guard let name else { return print(CommandTopics.manual.text(release: Self.release), terminator: "") }
    guard let topic = topic(name) else {
      let near = Spelling.nearest(to: name, among: Code.allCases.map(\.rawValue) + Reason.all.map(\.name))
      throw Ending.refused("nothing is known as \(name)\(near.map { "; perhaps \($0) is meant" } ?? "")")
    }
    print(DocumentationSite.offline().manualPage(topic), terminator: "")
  }

  private func topic(_ name: String) -> Topic? {
    if let code = Code(spelled: name) { return code.topic }
    let bare = name.hasPrefix("reasons.") ? String(name.dropFirst(8)) : name
    return Reason(spelled: bare)?.topic ?? CommandTopics.allTopics[name]
  }

  static let release = "Doorward \(doorwardVersion)"
}

extension DocumentationSite {
  /// Without a server: the bundled contracts, and an address of no server.
  static func offline(issuer: String = "https://issuer.example", apis: [ProtectedAPI] = []) -> DocumentationSite {
    DocumentationSite(
      url: issuer, contracts: [Contract.bundled("oauth")].compactMap(\.self), apis: apis,
      topics: CommandTopics.allTopics, version: doorwardVersion)
  }
}
