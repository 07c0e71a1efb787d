import ArgumentParser
import AuthorizationServer
import OAuth
import Storage
import Vocabulary

extension ClientCommand {
  struct Update: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Change what a client is called, may ask for, and where people return to.",
      discussion: """
        Each option may be repeated. All of a call is done, or nothing.
        Consent and tokens that are out stay as they are; `doorward grant revoke` ends them.
        """)
    @OptionGroup var options: DataOptions
    @Argument(help: "Its client_id.") var client: String
    @Option(help: "What people are shown.") var name: String?
    @Option(help: "Scopes it may ask for from now on.") var addScope: [String] = []
    @Option(help: "Scopes it may ask for no more.") var removeScope: [String] = []
    @Option(name: .customLong("add-redirect-uri"), help: "One more redirect URI.") var addedURIs: [String] = []
    @Option(name: .customLong("remove-redirect-uri"), help: "A redirect URI, as it was written.") var removedURIs:
      [String] = []
    @Option(name: .customLong("add-post-logout-redirect-uri"), help: "One more place to go to after signing out.")
    var addedPostLogoutURIs: [String] = []
    @Option(name: .customLong("remove-post-logout-redirect-uri"), help: "Such a place, as it was written.")
    var removedPostLogoutURIs: [String] = []
    @Option(help: "A grant type it may use from now on.") var addGrant: [String] = []
    @Option(help: "A grant type it may use no more.") var removeGrant: [String] = []

    func run() async throws {
      var amendment = ClientAmendment()
      amendment.name = name
      amendment.addedScopes = try scopes(addScope, "--add-scope")
      amendment.removedScopes = try scopes(removeScope, "--remove-scope")
      amendment.addedRedirectURIs = try readAddresses(addedURIs, "--add-redirect-uri")
      amendment.removedRedirectURIs = try readAddresses(removedURIs, "--remove-redirect-uri")
      amendment.addedPostLogoutRedirectURIs = try readAddresses(addedPostLogoutURIs, "--add-post-logout-redirect-uri")
      amendment.removedPostLogoutRedirectURIs = try readAddresses(
        removedPostLogoutURIs, "--remove-post-logout-redirect-uri")
      amendment.addedGrants = try readGrants(addGrant, "--add-grant")
      amendment.removedGrants = try readGrants(removeGrant, "--remove-grant")
      guard amendment != ClientAmendment() else {
        throw Ending.usage("nothing is to be changed; `doorward client update --help` lists what can be")
      }
      let wanted = amendment
      let outcome = try await withStore(options) {
        try await ClientRegistration.amend(ClientID(client), by: wanted, in: $0)
      }
      switch outcome {
      case .none: throw ClientCommand.unknown(client)
      case .failure(let fault): throw Ending.refused(fault.description)
      case .success(let changed): ClientCommand.show(changed, secret: nil, json: options.json)
      }
    }

    private func scopes(_ texts: [String], _ option: String) throws -> Scopes {
      guard let scopes = Scopes(parsing: texts.joined(separator: " ")) else {
        throw Ending.usage("\(option): a scope is printable ASCII without quotes")
      }
      return scopes
    }
  }
}
