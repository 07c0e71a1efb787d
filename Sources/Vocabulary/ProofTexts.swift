/// An S256 challenge (RFC 7636 §4.2).
public struct CodeChallenge: Hashable, Sendable {
  public let value: String

  public init(_ value: String) { self.value = value }
}

/// What an application wants back in the ID token (OpenID Connect Core §3.1.2.1).
public struct Nonce: Hashable, Sendable {
  public let value: String

  public init(_ value: String) { self.value = value }
}
