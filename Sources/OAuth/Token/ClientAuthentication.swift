public import Catalogue
public import Vocabulary

/// Decides whether a client is who it says. RFC 6749 §2.3, §3.2.1.
public enum ClientAuthentication {
  /// The work is the same for unknown, disabled and mistaken clients: one digest, one comparison.
  public static func verify(
    _ credentials: ClientCredentials, client: Client?, now: Instant, trail: inout Trail
  ) throws(Refusal) -> Client {
    try trail.check(.clientPresented) { () throws(Refusal) in
      if case .absent(let missing) = credentials { throw .client(.absent(missing: missing)) }
    }
    let verified = try trail.check(.clientAuthenticated) { () throws(Refusal) in
      switch credentials {
      case .basic(let id, let secret), .post(let id, let secret):
        return try verify(secret, of: id, client: client, now: now)
      case .named:
        // One answer for a client that is unknown, disabled or confidential: a name alone must not find out which.
        guard let client, client.isPublic, !client.isDisabled else {
          throw .client(.absent(missing: "client_secret"))
        }
        return client
      case .absent(let missing): throw .client(.absent(missing: missing))
      }
    }
    try trail.check(.clientMethodRegistered) { () throws(Refusal) in
      guard verified.methods.contains(credentials.method) else {
        throw .client(.methodNotRegistered(verified.id, used: credentials.method, registered: verified.methods))
      }
    }
    return verified
  }

  private static func verify(
    _ secret: Secret, of id: ClientID, client: Client?, now: Instant
  ) throws(Refusal) -> Client {
    let presented = TokenText.digest(secret)
    let matching = (client?.secrets ?? [Client.SecretDigest(digest: .zero, createdAt: now)])
      .filter { $0.digest == presented }
    guard let client else { throw .client(.unknown(Excerpt(id.value))) }
    guard let match = matching.first else { throw .client(.secretMismatch(client.id)) }
    if let expiry = match.expiresAt, expiry <= now { throw .client(.secretExpired(client.id, at: expiry)) }
    guard !client.isDisabled else { throw .client(.disabled(client.id)) }
    return client
  }
}
