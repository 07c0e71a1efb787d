public import OAuth
public import Vocabulary

/// What an operator asks for, as it was written.
extension OpenIDRegistration {
  public enum Fault: Error, Equatable, Sendable, CustomStringConvertible {
    case subjectTypeUnknown(String)
    case sectorMalformed(String)
    case sectorUnused
    case sectorAmbiguous([String])
    case sectorUnknown
    case logoutURI(String, BackchannelLogoutURI.Fault)
    case logoutURIUnencrypted(String)
    case logoutURIMissing

    public var description: String {
      switch self {
      case .subjectTypeUnknown(let text):
        "--subject-type \(text): use one of \(SubjectType.allCases.map(\.rawValue).joined(separator: ", "))"
      case .sectorMalformed(let text):
        "--sector-identifier \(text): a host such as example.com, or an https address whose host counts"
      case .sectorUnused: "--sector-identifier is for --subject-type pairwise only"
      case .sectorAmbiguous(let hosts):
        "the redirect URIs have several hosts (\(hosts.joined(separator: ", "))): name the sector with --sector-identifier "
          + "(OpenID Connect Core §8.1)"
      case .sectorUnknown:
        "no redirect URI has a host: name the sector with --sector-identifier (OpenID Connect Core §8.1)"
      case .logoutURI(let text, let fault): "--backchannel-logout-uri \(text): \(fault.rawValue)"
      case .logoutURIUnencrypted(let text):
        "--backchannel-logout-uri \(text): for a public client it must be https (OpenID Connect Back-Channel Logout §2.2)"
      case .logoutURIMissing: "--backchannel-logout-session-required needs --backchannel-logout-uri"
      }
    }
  }

  public init(
    subjectType: String?, sectorIdentifier: String?, backchannelLogoutURI: String?,
    backchannelLogoutSessionRequired: Bool, postLogoutRedirectURIs: [RedirectURI] = [],
    redirectURIs: [RedirectURI], isPublic: Bool
  ) throws(Fault) {
    guard let type = SubjectType(rawValue: subjectType ?? SubjectType.public.rawValue) else {
      throw .subjectTypeUnknown(subjectType ?? "")
    }
    var sector: Sector?
    switch type {
    case .public: if sectorIdentifier != nil { throw .sectorUnused }
    case .pairwise: sector = try Self.sector(sectorIdentifier, redirectURIs)
    }
    var address: BackchannelLogoutURI?
    if let text = backchannelLogoutURI {
      let uri: BackchannelLogoutURI
      do throws(BackchannelLogoutURI.Fault) { uri = try BackchannelLogoutURI(text) } catch {
        throw .logoutURI(text, error)
      }
      guard uri.isEncrypted || !isPublic else { throw .logoutURIUnencrypted(text) }
      address = uri
    }
    guard address != nil || !backchannelLogoutSessionRequired else { throw .logoutURIMissing }
    self.init(
      subjectType: type, sector: sector, backchannelLogoutURI: address,
      backchannelLogoutSessionRequired: backchannelLogoutSessionRequired,
      postLogoutRedirectURIs: postLogoutRedirectURIs)
  }

  private static func sector(_ identifier: String?, _ redirectURIs: [RedirectURI]) throws(Fault) -> Sector {
    if let identifier {
      let rest = identifier.hasPrefix("https://") ? identifier.dropFirst(8).prefix { $0 != "/" } : identifier[...]
      let host = rest.prefix { $0 != ":" }.lowercased()
      let isHost =
        !host.isEmpty
        && host.utf8.allSatisfy {
          (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || "-.".utf8.contains($0)
        }
      guard isHost, rest.count == host.count || identifier.hasPrefix("https://") else {
        throw .sectorMalformed(identifier)
      }
      return Sector(host)
    }
    let hosts = Set(redirectURIs.compactMap(\.host)).sorted()
    guard hosts.count <= 1 else { throw .sectorAmbiguous(hosts) }
    guard let host = hosts.first else { throw .sectorUnknown }
    return Sector(host)
  }
}
