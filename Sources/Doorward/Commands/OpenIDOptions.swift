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

  func registration(redirectURIs: [RedirectURI], isPublic: Bool) throws -> OpenIDRegistration {
    do throws(OpenIDRegistration.Fault) {
      return try OpenIDRegistration(
        subjectType: subjectType, sectorIdentifier: sectorIdentifier, backchannelLogoutURI: backchannelLogoutURI,
        backchannelLogoutSessionRequired: backchannelLogoutSessionRequired, redirectURIs: redirectURIs,
        isPublic: isPublic)
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
    return members
  }
}
