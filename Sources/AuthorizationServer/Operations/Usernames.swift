import JOSE
public import OAuth
public import Storage
import Vocabulary

/// The names people sign in with: unique whatever the case they are typed in. New ones are kept in lower case; older ones
/// stay as they are, and are found in any case all the same.
public enum Usernames {
  public enum Fault: Error, Equatable, Sendable, CustomStringConvertible {
    case blank
    case notPrintable
    case tooLong

    public var description: String {
      switch self {
      case .blank: "a user name has no space at its ends, and something between them"
      case .notPrintable: "a user name has printable ASCII characters only, so that it is typed and found alike"
      case .tooLong: "a user name has at most 80 characters"
      }
    }
  }

  /// The form in which a new name is kept.
  public static func checked(_ text: String) throws(Fault) -> String {
    guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { throw .notPrintable }
    guard !text.isEmpty, text.first != " ", text.last != " " else { throw .blank }
    guard text.utf8.count <= 80 else { throw .tooLong }
    return text.lowercased()
  }

  /// A name as it was typed at the sign-in: a phone puts a space behind it and a capital in front. Attempts are counted
  /// under this form, so that spelling a name otherwise gives no further ones.
  public static func folded(_ typed: String) -> String { String(typed.trimmed.prefix(200)).lowercased() }

  /// The person of that name, for commands: those of an older version are looked through one by one.
  public static func find(_ typed: String, in store: any Store) async throws(StoreFailure) -> Versioned<User>? {
    for key in [typed, folded(typed)] {
      if let found = try await store.read(User.self, key), found.closedAt == nil { return found }
    }
    let name = folded(typed)
    return try await store.all(User.self).first { $0.closedAt == nil && folded($0.record.username.description) == name }
  }
}

extension Issuer {
  /// The person of that name, for the sign-in: one look at the store, whoever it is.
  func user(named typed: String) async throws(StoreFailure) -> User? {
    let name = Usernames.folded(typed)
    guard !name.isEmpty else { return nil }
    let keys = [Excerpt(typed).description, Excerpt(name).description, snapshot.olderUsername(name) ?? name]
    for stored in try await store.read(keys.map { RecordKey(.user, $0) }) {
      if let user = try stored?.decode(User.self), user.closedAt == nil { return user.record }
    }
    return nil
  }
}
