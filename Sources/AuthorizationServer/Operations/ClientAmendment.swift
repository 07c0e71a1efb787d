public import OAuth
public import Storage
public import Vocabulary

/// Why a client cannot be registered, or changed, as it was asked for.
public enum ClientFault: Error, Equatable, Sendable, CustomStringConvertible {
  case nameEmpty
  case redirectURIMissing
  case scopeMissing
  case publicClientCredentials
  case grantMissing
  case scopeAbsent(Scopes)
  case redirectURIAbsent(RedirectURI)
  case postLogoutRedirectURIAbsent(RedirectURI)
  case grantAbsent(GrantType)

  public var description: String {
    switch self {
    case .nameEmpty: "a client needs a --name: people are shown it"
    case .redirectURIMissing:
      "a client with authorization_code needs a --redirect-uri: without one nobody can be sent back (RFC 6749 §3.1.2.2)"
    case .scopeMissing:
      "a client with authorization_code needs a --scope: without one there is nothing to ask people for"
    case .publicClientCredentials: "a public client may not use client_credentials (RFC 6749 §4.4)"
    case .grantMissing: "a client needs a grant type"
    case .scopeAbsent(let scopes): "the client does not have the scope \(scopes)"
    case .redirectURIAbsent(let uri): "\(uri) is no redirect URI of the client"
    case .postLogoutRedirectURIAbsent(let uri): "\(uri) is no post-logout redirect URI of the client"
    case .grantAbsent(let grant): "the client may not use \(grant.rawValue) as it is"
    }
  }
}

extension Client {
  /// Whether it can be of any use: what is silently useless is refused when it is made.
  public func check() throws(ClientFault) {
    guard name.description.contains(where: { !$0.isWhitespace }) else { throw .nameEmpty }
    if grants.isEmpty { throw .grantMissing }
    if isPublic, grants.contains(.clientCredentials) { throw .publicClientCredentials }
    guard grants.contains(.authorizationCode) else { return }
    if redirectURIs.isEmpty { throw .redirectURIMissing }
    if scopes.isEmpty { throw .scopeMissing }
  }
}

/// What is to be changed in a client's registration.
public struct ClientAmendment: Equatable, Sendable {
  public var name: String?
  public var addedScopes = Scopes.none
  public var removedScopes = Scopes.none
  public var addedRedirectURIs: [RedirectURI] = []
  public var removedRedirectURIs: [RedirectURI] = []
  public var addedPostLogoutRedirectURIs: [RedirectURI] = []
  public var removedPostLogoutRedirectURIs: [RedirectURI] = []
  public var addedGrants: [GrantType] = []
  public var removedGrants: [GrantType] = []

  public init() {}

  /// What is removed must be there, since a typing error would leave it in force; what is added may be.
  public func applied(to old: Client) throws(ClientFault) -> Client {
    var client = old
    if let name { client.name = ClientName(name) }
    let absent = removedScopes.subtracting(client.scopes)
    guard absent.isEmpty else { throw .scopeAbsent(absent) }
    client.scopes = client.scopes.subtracting(removedScopes).union(addedScopes)
    client.redirectURIs = try Self.merge(
      client.redirectURIs, removedRedirectURIs, addedRedirectURIs, ClientFault.redirectURIAbsent)
    client.openID.postLogoutRedirectURIs = try Self.merge(
      client.openID.postLogoutRedirectURIs, removedPostLogoutRedirectURIs, addedPostLogoutRedirectURIs,
      ClientFault.postLogoutRedirectURIAbsent)
    client.grants = try Self.merge(client.grants, removedGrants, addedGrants, ClientFault.grantAbsent)
    try client.check()
    return client
  }

  private static func merge<Value: Equatable>(
    _ old: [Value], _ removed: [Value], _ added: [Value], _ absent: (Value) -> ClientFault
  ) throws(ClientFault) -> [Value] {
    if let missing = removed.first(where: { !old.contains($0) }) { throw absent(missing) }
    var values = old.filter { !removed.contains($0) }
    for value in added where !values.contains(value) { values.append(value) }
    return values
  }
}

extension ClientRegistration {
  /// Changes a client with compare-and-swap: of two changes at once, both are made. Answers `nil` when there is no such
  /// client.
  public static func amend(
    _ id: ClientID, by amendment: ClientAmendment, in store: any Store
  ) async throws(StoreFailure) -> Result<Client, ClientFault>? {
    for _ in 0..<8 {
      guard let found = try await store.read(Client.self, id.value), found.closedAt == nil else { return nil }
      let client: Client
      do throws(ClientFault) { client = try amendment.applied(to: found.record) } catch { return .failure(error) }
      if try await store.commit(Batch([client.replacement(expecting: found.version)])) == .committed {
        return .success(client)
      }
    }
    throw .unavailable("the client is being changed by others")
  }
}
