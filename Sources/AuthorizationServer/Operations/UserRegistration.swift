public import OAuth
public import Storage
public import Vocabulary

/// What an operator does to people.
public enum UserRegistration {
  /// Changes a person with compare-and-swap. Answers `nil` when there is no such person.
  ///
  /// - Parameter username: as it is typed.
  @discardableResult
  public static func change(
    _ username: String, in store: any Store, _ edit: (inout User) -> Void
  ) async throws(StoreFailure) -> User? {
    for _ in 0..<8 {
      guard let found = try await Usernames.find(username, in: store) else { return nil }
      var user = found.record
      edit(&user)
      if try await store.commit(Batch([user.replacement(expecting: found.version)])) == .committed { return user }
    }
    throw .unavailable("the user is being changed by others")
  }

  /// Lets a person sign in no more; their sessions end, and what they granted is withdrawn.
  public static func disable(_ username: String, in store: any Store, now: Instant) async throws(StoreFailure) -> User?
  {
    guard let user = try await change(username, in: store, { $0.isDisabled = true }) else { return nil }
    try await Withdrawal.everything(of: user.id, in: store, now: now)
    return user
  }
}
