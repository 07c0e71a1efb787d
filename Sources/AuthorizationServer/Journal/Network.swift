import Foundation

/// The part of an address that one party is likely to have all of.
enum Network {
  /// An IPv4 address keeps its meaning on a socket that takes both (RFC 4291 §2.5.5.2).
  static func prefix(_ peer: String) -> String {
    let peer = peer.hasPrefix("::ffff:") && peer.contains(".") ? String(peer.dropFirst(7)) : peer
    if peer.utf8.contains(UInt8(ascii: ":")) {
      var address = in6_addr()
      if inet_pton(AF_INET6, peer, &address) == 1 {
        return withUnsafeBytes(of: address) { $0.prefix(8).map { String($0, radix: 16) }.joined(separator: ":") }
      }
    }
    guard let dot = peer.lastIndex(of: ".") else { return peer }
    return String(peer[..<dot])
  }
}
