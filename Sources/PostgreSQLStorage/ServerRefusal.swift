#if PostgreSQL
import CPostgreSQL
import Storage

/// An error the server answered with, by its SQLSTATE (PostgreSQL documentation, appendix A). Its detail, which may quote
/// values, is left unread.
struct ServerRefusal: Equatable, Sendable {
  let state: String
  let words: String

  init(_ result: OpaquePointer) {
    // 'C' and 'M': PG_DIAG_SQLSTATE and PG_DIAG_MESSAGE_PRIMARY, which are macros over characters.
    state = PQresultErrorField(result, 0x43).map { String(cString: $0) } ?? ""
    words = PQresultErrorField(result, 0x4D).map { String(cString: $0) } ?? "no reason was given"
  }

  /// Two calls were in each other's way, and nothing was changed: to be made again.
  var isCollision: Bool { state == "40001" || state == "40P01" }

  /// The server is ending the connection, or all of them; without a state it is libpq that says so.
  var endsConnection: Bool { state.isEmpty || state.hasPrefix("57P") || state.hasPrefix("08") }

  /// It is about the values of the call, so that others should not suffer from it.
  var isAboutValues: Bool { state.hasPrefix("22") || state.hasPrefix("23") || state.hasPrefix("54") }

  /// What it means for a caller, and what to do about it.
  func failure(_ address: DatabaseAddress) -> StoreFailure {
    let told = "\(address): \(address.scrub(words))"
    switch state {
    case "25006":
      return .readOnly(
        "\(told); it is a standby, or was set read-only: name the primary, or set default_transaction_read_only = off"
      )
    case "53100": return .full("\(told); free some space")
    case "XX001", "XX002": return .damaged("\(told); stop the servers and restore a backup")
    case "42501": return .unavailable("\(told); grant this user the right, or make the user the database's owner")
    case "42P01", "42883", "3F000":
      return .damaged("\(told); a part of Doorward's schema is missing: restore a backup")
    case "55P03", "57014":
      return .unavailable("\(told); another transaction is in the way, or the server is overloaded")
    case "26000", "42P05", "08P01":
      return .unavailable("\(told); a pooler between must pool by session (PgBouncer: pool_mode = session)")
    case "53300": return .unavailable("\(told); each node has six connections: raise max_connections")
    case "40001", "40P01": return .unavailable("\(told); too many calls were in each other's way")
    default: return .unavailable("\(told) (SQLSTATE \(state))")
    }
  }
}
#endif
