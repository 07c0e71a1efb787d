import Catalogue
import Foundation
import Vocabulary

/// Refusals that are alike: same reason, same client, same network, in the same minute. The first thousand are
/// written in full; of the rest the last is, with how many there were and all their traces. A flood then costs a
/// count, and hides nothing else.
struct FloodKey: Hashable {
  let reason: String
  let client: ClientID?
  /// /24 of IPv4, /64 of IPv6.
  let network: String

  init(_ entry: JournalEntry) {
    reason = entry.refusal.reason.name
    client = entry.client
    network = entry.occasion?.request.peer.map { Network.prefix($0) } ?? ""
  }

  /// Where too many keys are open, whoever makes them up.
  init(overflowing entry: JournalEntry) {
    reason = entry.refusal.reason.name
    client = nil
    network = "(many)"
  }
}

struct Flood {
  /// How many are written in full before merging begins.
  static let inFull = 1000
  /// How many keys are told apart in a minute.
  static let keys = 4096
  /// How many merged traces can be found again, for each key and each writing.
  static let traces = 65_536

  private(set) var seen = 0
  private(set) var merged = 0
  private(set) var traces: [UInt8] = []
  private(set) var first: Instant?
  private(set) var last: JournalEntry?

  /// Answers whether the entry is to be written in full.
  mutating func take(_ entry: JournalEntry) -> Bool {
    seen += 1
    if seen <= Self.inFull { return true }
    merged += 1
    first = first ?? entry.time
    if traces.count < Self.traces * 16 { entry.trace.append(to: &traces) }
    last = entry
    last?.occasion = nil
    return false
  }

  /// What was merged since the last writing.
  mutating func drain() -> MergedEntry? {
    guard let last, let first, merged > 0 else { return nil }
    defer {
      merged = 0
      traces = []
      self.first = nil
      self.last = nil
    }
    return MergedEntry(entry: last, count: merged, first: first, traces: traces)
  }
}

/// Many refusals as one record: the last of them, and how many there were.
struct MergedEntry {
  let entry: JournalEntry
  let count: Int
  let first: Instant
  let traces: [UInt8]
}

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
