import JOSE
public import Vocabulary

/// What clients call people (OpenID Connect Core §8): by the account's own name, or by a keyed hash of it for each
/// sector, so that two sectors cannot find out that they serve one person.
public struct SubjectNaming: Sendable {
  private let salt: [UInt8]

  /// - Parameter salt: 32 secret bytes of the server; with others every pairwise name is another.
  public init(salt: [UInt8]) { self.salt = salt }

  /// `sub` for that client. A client that speaks for itself keeps its name.
  public func name(of account: SubjectID, for client: Client) -> SubjectID {
    guard client.openID.subjectType == .pairwise, account.value != client.id.value else { return account }
    let sector = client.openID.sector ?? Sector(client.id.value)
    let bytes = Array(sector.value.utf8) + [0] + Array(account.value.utf8)
    return SubjectID(Base64URL.encode(HMACSHA256.authenticate(bytes, key: salt)))
  }
}

/// The salt as it is stored: sealed under the key file, as signing keys are.
public struct SubjectSaltRecord: Equatable, Sendable {
  public let sealed: [UInt8]
  public let createdAt: Instant

  public init(sealed: [UInt8], createdAt: Instant) {
    self.sealed = sealed
    self.createdAt = createdAt
  }
}
