import ArgumentParser
import AuthorizationServer
import OAuth
import StrictJSON
import Vocabulary

/// What `client create` takes about people and their sessions.
struct OpenIDOptions: ParsableArguments {
  @Option(help: "public: all clients call a person alike (the default); pairwise: each sector by a name of its own.")
  var subjectType: String?

  @Option(
    help: "The sector of a pairwise client, a host or an https address; needed for redirect URIs of several hosts.")
  var sectorIdentifier: String?

  @Option(
    name: .customLong("backchannel-logout-uri"),
    help: "Where the client wants to hear that a person signed out (OpenID Connect Back-Channel Logout).")
  var backchannelLogoutURI: String?

  @Flag(help: "It needs the session's name in each logout token; it is there in any case.")
  var backchannelLogoutSessionRequired = false

  @Option(
    name: .customLong("post-logout-redirect-uri"),
    help: "Where people may be sent after signing out; repeat for more. With none, the redirect URIs count.")
  var postLogoutRedirectURIs: [String] = []

  func registration(redirectURIs: [RedirectURI], isPublic: Bool) throws -> OpenIDRegistration {
    let addresses = try readAddresses(postLogoutRedirectURIs, "--post-logout-redirect-uri")
    do throws(OpenIDRegistration.Fault) {
      return try OpenIDRegistration(
        subjectType: subjectType, sectorIdentifier: sectorIdentifier, backchannelLogoutURI: backchannelLogoutURI,
        backchannelLogoutSessionRequired: backchannelLogoutSessionRequired,
        postLogoutRedirectURIs: addresses,
        redirectURIs: redirectURIs, isPublic: isPublic)
    } catch { throw Ending.usage(error.description) }
  }
}

extension OpenIDRegistration {
  /// As `client show` prints it, in the words of dynamic registration.
  var shown: [JSON.Member] {
    var members: [JSON.Member] = [.init("subject_type", .string(subjectType.rawValue))]
    if let sector { members.append(.init("sector_identifier", .string(sector.value))) }
    if let uri = backchannelLogoutURI {
      members.append(.init("backchannel_logout_uri", .string(uri.value)))
      members.append(.init("backchannel_logout_session_required", .bool(backchannelLogoutSessionRequired)))
    }
    if !postLogoutRedirectURIs.isEmpty {
      members.append(.init("post_logout_redirect_uris", .array(postLogoutRedirectURIs.map { .string($0.value) })))
    }
    return members
  }
}

/// Redirect URIs as they were typed after an option.
func readAddresses(_ texts: [String], _ option: String) throws -> [RedirectURI] {
  try texts.map { text in
    do throws(RedirectURI.Fault) { return try RedirectURI(text) } catch {
      throw Ending.usage("\(option) \(text): \(error.rawValue)")
    }
  }
}

/// Grant types as they were typed after an option.
func readGrants(_ texts: [String], _ option: String) throws -> [GrantType] {
  try texts.map { name in
    guard let grant = GrantType(rawValue: name) else {
      throw Ending.usage(
        "\(option) \(name): use one of \(GrantType.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return grant
  }
}
