import Dialects
public import OAuth
public import Storage
public import Vocabulary

/// What an operator does to clients. Secrets are made here, shown once, and stored as digests.
public enum ClientRegistration {
  public struct Created: Sendable {
    public let client: Client
    /// `nil` for a public client.
    public let secret: Secret?
  }

  public static func make(
    id: ClientID? = nil, name: String, methods: [ClientAuthenticationMethod], grants: [GrantType], scopes: Scopes,
    redirectURIs: [RedirectURI], details: [AuthorizationDetail] = [], introspectsAll: Bool = false,
    openID: OpenIDRegistration = .standard, secret: Secret? = nil,
    now: Instant
  ) -> Created {
    var random = SystemRandomNumberGenerator()
    let isPublic = methods == [.none]
    let secret = isPublic ? nil : secret ?? newSecret(&random)
    let client = Client(
      id: id ?? ClientID(TokenText.uuid((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) })),
      name: ClientName(name),
      secrets: secret.map { [Client.SecretDigest(digest: TokenText.digest($0), createdAt: now)] } ?? [],
      methods: methods, grants: grants, scopes: scopes, redirectURIs: redirectURIs, details: details,
      introspectsAll: introspectsAll, openID: openID, createdAt: now)
    return Created(client: client, secret: secret)
  }

  static func newSecret(_ random: inout some RandomNumberGenerator) -> Secret {
    TokenText.write(
      (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }, form: .opaque,
      prefix: TokenText.secretPrefix)
  }

  /// Changes a client with compare-and-swap. Answers `nil` when there is no such client.
  public static func change(
    _ id: ClientID, in store: any Store, _ edit: (inout Client) -> Void
  ) async throws(StoreFailure) -> Client? {
    for _ in 0..<8 {
      guard let found = try await store.read(Client.self, id.value), found.closedAt == nil else { return nil }
      var client = found.record
      edit(&client)
      if try await store.commit(Batch([client.replacement(expecting: found.version)])) == .committed { return client }
    }
    throw .unavailable("the client is being changed by others")
  }

  /// Adds a new secret; the old ones stay valid until `oldUntil`, so that a fleet can be moved over.
  public static func rotateSecret(
    _ id: ClientID, in store: any Store, oldUntil: Instant, now: Instant
  ) async throws(StoreFailure) -> Created? {
    // A secret would be of no use to a public client.
    if let found = try await store.read(Client.self, id.value)?.record, found.isPublic { return nil }
    var random = SystemRandomNumberGenerator()
    let secret = newSecret(&random)
    let changed = try await change(id, in: store) { client in
      client.secrets = client.secrets.filter { $0.expiresAt.map { $0 > now } ?? true }.map { old in
        Client.SecretDigest(
          digest: old.digest, createdAt: old.createdAt, expiresAt: min(old.expiresAt ?? oldUntil, oldUntil))
      }
      client.secrets.append(Client.SecretDigest(digest: TokenText.digest(secret), createdAt: now))
    }
    return changed.map { Created(client: $0, secret: secret) }
  }
}
