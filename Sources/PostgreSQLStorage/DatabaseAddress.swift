#if PostgreSQL
import CPostgreSQL
import Foundation
public import Storage

/// Where the database is and how it is reached: a connection URI as libpq reads it, with all its parameters
/// (`sslmode`, several hosts, `target_session_attrs` …). What it says of itself leaves the password out.
public struct DatabaseAddress: Sendable, CustomStringConvertible {
  /// What libpq is given, by keyword.
  let parameters: [String: String]
  public let description: String
  /// The URL without passwords: what can be written down, and leads to the same place.
  public let url: String

  /// - Parameter url: `postgresql://user@host:port/database?sslmode=verify-full`. Whatever it leaves out comes from
  ///   libpq's own environment variables, service file and password file.
  /// - Throws: `unavailable` when it cannot be read. libpq's own words would quote the part it stumbled over, which in
  ///   a badly written URL may be the password; so they are not used.
  public init(_ url: String) throws(StoreFailure) {
    guard url.hasPrefix("postgresql://") || url.hasPrefix("postgres://") else {
      throw .unavailable("the database's address does not begin with postgresql://")
    }
    // A password with one of these unescaped would be read as host, port or database, and be shown as such.
    let path = url.drop { $0 != ":" }.dropFirst(3).prefix { $0 != "?" }
    guard path.count(where: { $0 == "@" }) < 2, !path.drop(while: { $0 != "/" }).contains("@") else {
      throw .unavailable(
        "the database's address has an @ too many; write @ and / in a user or password as %40 and %2F")
    }
    var fault: UnsafeMutablePointer<CChar>?
    defer { PQfreemem(fault) }
    guard let options = PQconninfoParse(url, &fault) else {
      throw .unavailable(
        """
        the database's address cannot be read; write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…, \
        with :, /, @, ?, # and % in a user or password as %3A, %2F, %40, %3F, %23 and %25
        """)
    }
    defer { PQconninfoFree(options) }
    var given: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { given[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
    let numbers = (given["port"] ?? "").split(separator: ",")
    guard numbers.allSatisfy({ UInt16($0) != nil }) else {
      throw .unavailable("the port in the database's address is not a number; write : in a user or password as %3A")
    }
    parameters = Self.standard(hosts: (given["host"] ?? given["hostaddr"] ?? "").split(separator: ",").count)
      .merging(given) { _, given in given }
    let user = given["user"].map { $0 + "@" } ?? ""
    let hosts = (given["host"] ?? given["hostaddr"] ?? "").split(separator: ",", omittingEmptySubsequences: false)
    let ports = (given["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false)
    let places = hosts.enumerated().map { index, host in
      let port = index < ports.count ? ports[index] : ports.last ?? ""
      return port.isEmpty ? String(host) : "\(host):\(port)"
    }
    self.url = Self.url(given, places: hosts.isEmpty ? [""] : places)
    description = "postgresql://\(user)\(places.joined(separator: ","))/\(given["dbname"] ?? "")"
  }

  private static func url(_ given: [String: String], places: [String]) -> String {
    func escaped(_ text: String) -> String {
      text.utf8.map { byte in
        let character = Character(UnicodeScalar(byte))
        return character.isASCII && (character.isLetter || character.isNumber || "-._~/".contains(character))
          ? String(character) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }.joined()
    }
    let inPlace: Set<String> = ["user", "host", "port", "dbname", "password", "sslpassword"]
    let rest = given.filter { !inPlace.contains($0.key) }.sorted { $0.key < $1.key }
    // A folder with a socket, or several addresses, are easier said as parameters.
    let isPlain = (given["host"] ?? "").allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-.,".contains($0)) }
    let named = isPlain ? [] : ["host", "port"].compactMap { name in given[name].map { (key: name, value: $0) } }
    let query = (rest.map { (key: $0.key, value: $0.value) } + named).map { "\($0.key)=\(escaped($0.value))" }
    let user = given["user"].map { escaped($0) + "@" } ?? ""
    return "postgresql://\(user)\(isPlain ? places.joined(separator: ",") : "")/\(escaped(given["dbname"] ?? ""))"
      + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
  }

  /// A server that is gone without a word is noticed within about ten seconds; a connection that cannot be made, in
  /// five. Of several servers the primary is meant: a standby that follows behind would show what is past.
  private static func standard(hosts: Int) -> [String: String] {
    let always = [
      "application_name": "doorward", "client_encoding": "UTF8", "connect_timeout": "5", "gssencmode": "disable",
      "keepalives_idle": "5", "keepalives_interval": "2", "keepalives_count": "3", "tcp_user_timeout": "10000",
    ]
    return hosts > 1 ? always.merging(["target_session_attrs": "primary"]) { mine, _ in mine } : always
  }

  /// libpq's words about this address, without the password should they quote it.
  func scrub(_ words: String) -> String {
    var words = words
    for secret in [parameters["password"], parameters["sslpassword"]].compactMap(\.self) where !secret.isEmpty {
      words = words.replacingOccurrences(of: secret, with: "…")
    }
    return words.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
      .joined(separator: "; ")
  }

  /// Calls with the parameters as libpq wants them: two arrays that end with a null pointer.
  /// - Parameter others: what is to be otherwise this time.
  func withParameters<Value>(
    _ others: [String: String] = [:],
    body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> Value?
  ) -> Value? {
    let pairs = parameters.merging(others) { _, other in other }.sorted { $0.key < $1.key }
    let keywords = pairs.map { strdup($0.key) }
    let values = pairs.map { strdup($0.value) }
    defer { for pointer in keywords + values { free(pointer) } }
    return (keywords.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { keywords in
      (values.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { values in
        guard let keywords = keywords.baseAddress, let values = values.baseAddress else { return nil }
        return body(keywords, values)
      }
    }
  }

  /// Whether waiting may help where a connection could not be made: not if a server answers, whoever asks for whatever
  /// database, unless the reason passes by itself.
  /// - Parameter failure: why it could not be made.
  public func isWorthWaiting(after failure: String) -> Bool {
    if ConnectionAdvice.passes(failure) { return true }
    // Without what may be the very reason: its certificate, or that it is a standby.
    return withParameters(["sslmode": "disable", "target_session_attrs": "any"]) { PQpingParams($0, $1, 0) }
      != PQPING_OK
  }
}
#endif
