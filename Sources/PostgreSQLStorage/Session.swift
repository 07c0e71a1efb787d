#if PostgreSQL
import CPostgreSQL
import Foundation
import Storage

/// One connection of libpq's, used by one caller at a time; every call here waits for the server. `Connection` makes
/// one this way, and then goes on without waiting.
///
/// A class, because it owns the connection: it is closed with the last reference.
final class Session {
  let address: DatabaseAddress
  let raw: OpaquePointer

  /// - Throws: `unavailable`, with libpq's reason.
  init(_ address: DatabaseAddress) throws(StoreFailure) {
    self.address = address
    guard let made = address.withParameters(body: { PQconnectdbParams($0, $1, 0) }) else {
      throw .unavailable("\(address): there is not enough memory for a connection")
    }
    raw = made
    // What the server has to say beside its answers is not for our standard error.
    PQsetNoticeProcessor(raw, { _, _ in }, nil)
    guard PQstatus(raw) == CONNECTION_OK else { throw failure }
  }

  deinit { PQfinish(raw) }

  /// Why the connection does not work.
  var failure: StoreFailure {
    let words = address.scrub(String(cString: PQerrorMessage(raw)))
    if words.isEmpty { return .unavailable("\(address): the connection was closed") }
    return .unavailable("\(address): \(words)" + (ConnectionAdvice.advice(words).map { "; " + $0 } ?? ""))
  }

  /// Whether it was cut since it was made.
  var isCut: Bool { PQstatus(raw) != CONNECTION_OK }

  /// What the server said; where it said nothing, what became of the connection.
  private func refusal(_ result: OpaquePointer) -> StoreFailure {
    let refusal = ServerRefusal(result)
    return refusal.state.isEmpty ? failure : refusal.failure(address)
  }

  /// Runs statements, and answers the rows of the last one, as texts.
  @discardableResult
  func execute(_ sql: String) throws(StoreFailure) -> [[String?]] {
    guard let result = PQexec(raw, sql) else { throw failure }
    defer { PQclear(result) }
    return try rows(of: result)
  }

  /// The same, for as long as the caller can wait: a server that stands still keeps its connections.
  /// - Throws: `unavailable` when the answer is not there by then, or what the server refused; the connection is of no
  ///   use afterwards.
  @discardableResult
  func execute(
    _ sql: String, within patience: Duration, late: String = "the server does not answer"
  ) throws(StoreFailure) -> [[String?]] {
    guard PQsendQuery(raw, sql) == 1 else { throw failure }
    let end = ContinuousClock.now + patience
    var last: [[String?]] = []
    while true {
      while PQisBusy(raw) == 1 {
        var descriptor = pollfd(fd: PQsocket(raw), events: Int16(POLLIN), revents: 0)
        let left = ContinuousClock.now.duration(to: end)
        guard left > .zero else { throw .unavailable("\(address): \(late) within \(patience)") }
        poll(&descriptor, 1, Int32(clamping: left.components.seconds * 1000 + 100))
        guard PQconsumeInput(raw) == 1 else { throw failure }
      }
      guard let result = PQgetResult(raw) else { return last }
      defer { PQclear(result) }
      last = try rows(of: result)
    }
  }

  private func rows(of result: OpaquePointer) throws(StoreFailure) -> [[String?]] {
    let status = PQresultStatus(result)
    guard status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK else { throw refusal(result) }
    return (0..<PQntuples(result)).map { row in
      (0..<PQnfields(result)).map { column in
        PQgetisnull(result, row, column) != 0 ? nil : String(cString: PQgetvalue(result, row, column))
      }
    }
  }

  func prepare(_ name: String, _ sql: String) throws(StoreFailure) {
    guard let result = PQprepare(raw, name, sql, 0, nil) else { throw failure }
    defer { PQclear(result) }
    guard PQresultStatus(result) == PGRES_COMMAND_OK else { throw refusal(result) }
  }

  /// What holds for every statement of the session.
  /// - Parameter limit: how long the server may work on one statement, in milliseconds.
  func settle(limit: Int) throws(StoreFailure) {
    try execute(
      """
      SET statement_timeout = \(limit); SET lock_timeout = \(limit / 2);
      SET default_transaction_isolation = 'read committed';
      SET idle_in_transaction_session_timeout = \(limit); SET standard_conforming_strings = on;
      SET jit = off; SET plan_cache_mode = force_generic_plan;
      SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
      """)
    // An answered commit must survive a power cut: only the one setting that does not promise it is overruled.
    if try execute("SHOW synchronous_commit").first?.first == "off" { try execute("SET synchronous_commit = on") }
  }

  /// - Throws: `damaged` when texts would not come back as they were.
  func demandUnicode() throws(StoreFailure) {
    let encoding = try execute("SHOW server_encoding").first?.first.flatMap(\.self) ?? ""
    guard encoding == "UTF8" else {
      throw .damaged(
        "\(address) is encoded in \(encoding); make a database for Doorward: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
      )
    }
  }
}
#endif
