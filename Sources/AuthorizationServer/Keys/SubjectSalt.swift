public import OAuth
public import Storage
public import Vocabulary

/// The secret that pairwise subjects are made with (OpenID Connect Core §8.1): made on first start, sealed under the
/// key file, and kept for ever, since another would make a stranger of everybody.
public enum SubjectSalt {
  public static func ensure(
    store: any Store, keyFile: KeyFile, now: Instant
  ) async throws -> SubjectNaming {
    if let found = try await store.read(SubjectSaltRecord.self, SubjectSaltRecord.key) {
      return SubjectNaming(salt: try keyFile.open(found.record))
    }
    var random = SystemRandomNumberGenerator()
    let salt = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    let record = SubjectSaltRecord(sealed: try keyFile.seal(salt: salt), createdAt: now)
    if try await store.commit(Batch([record.insertion])) == .committed { return SubjectNaming(salt: salt) }
    // Another process was faster: its salt counts.
    guard let found = try await store.read(SubjectSaltRecord.self, SubjectSaltRecord.key) else {
      throw StoreFailure.unavailable("the salt of pairwise subjects was made and removed at once")
    }
    return SubjectNaming(salt: try keyFile.open(found.record))
  }
}
