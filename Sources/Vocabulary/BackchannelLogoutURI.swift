/// Where a client hears that a session ended (OpenID Connect Back-Channel Logout §2.2). The operator registers it, so
/// it may lie in a private network; it is kept as it was written.
public struct BackchannelLogoutURI: Hashable, Sendable, CustomStringConvertible {
  public let value: String
  public let host: String

  /// Why a text cannot be such an address.
  public enum Fault: String, Error, Equatable, Sendable {
    case notHTTP = "it must begin with https:// or http://"
    case fragment = "it must not have a fragment (OpenID Connect Back-Channel Logout §2.2)"
    case forbiddenByte = "it must be printable ASCII without spaces, quotes, angle brackets or backslashes"
    case noHost = "it needs a host, without a user name before it, and a port that is a number if there is one"
  }

  public init(_ value: String) throws(Fault) {
    guard value.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"<>\\^`{|}".utf8.contains($0) }) else {
      throw .forbiddenByte
    }
    guard !value.contains("#") else { throw .fragment }
    let scheme = value.hasPrefix("https://") ? "https://" : "http://"
    guard value.hasPrefix(scheme) else { throw .notHTTP }
    let authority = value.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
    let host =
      authority.hasPrefix("[") ? String(authority.prefix { $0 != "]" }) + "]" : String(authority.prefix { $0 != ":" })
    let port = authority.dropFirst(host.count)
    guard host.count > 2 || !host.isEmpty && !host.hasPrefix("["), !authority.contains("@"), authority.hasPrefix(host),
      port.isEmpty || port.hasPrefix(":") && UInt16(port.dropFirst()).map({ $0 > 0 }) ?? false
    else { throw .noHost }
    self.value = value
    self.host = host.lowercased()
  }

  public var isEncrypted: Bool { value.hasPrefix("https://") }
  public var description: String { value }
}
