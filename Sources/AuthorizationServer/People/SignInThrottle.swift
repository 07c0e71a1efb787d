import Foundation
import JOSE
import Synchronization
import Vocabulary

/// Slows guessing down, by account name and by network, whether or not the account exists (RFC 9700 says nothing;
/// OWASP ASVS 6.3.1). After some failures each further one doubles the wait; a success forgives the account.
///
/// A class, because all sign-ins share it; the lock protects the counts.
public final class SignInThrottle: Sendable {
  struct Key: Hashable {
    let what: String
    let name: String
    let free: Int
  }

  private struct Count {
    var failures = 0
    var until = Instant(millisecondsSince1970: .min)
    var last = Instant(millisecondsSince1970: .min)
  }

  private let counts = Mutex<[Key: Count]>([:])
  private static let memory = Lifetime(clamping: 15 * 60)
  private static let account = "account name"
  private static let everywhere = "account name, everywhere"
  private static let capacity = 50_000

  public init() {}

  /// The account as typed, and the network of the peer: /24 of IPv4, /64 of IPv6.
  static func keys(_ username: String, _ peer: String?) -> [Key] {
    let name = TokenTextDigest.short(username.lowercased())
    let network = peer.map { Network.prefix($0) } ?? ""
    // Few guesses from one network; more from all of them together, or anybody could lock a person out by guessing.
    var keys = [
      Key(what: account, name: name + " " + network, free: 5), Key(what: everywhere, name: name, free: 20),
    ]
    if peer != nil { keys.append(Key(what: "network", name: network, free: 100)) }
    return keys
  }

  /// Counts an attempt as failed, beforehand, and answers how long it has to wait, if it has to; a refused one counts
  /// for nothing. Whoever turns out to be right calls `succeed`.
  func attempt(_ keys: [Key], now: Instant) -> (what: String, after: Lifetime)? {
    counts.withLock { counts in
      for key in keys {
        guard let count = counts[key], count.until > now else { continue }
        return (key.what, Lifetime(clamping: max(1, count.until.seconds(since: now) + 1)))
      }
      if counts.count > Self.capacity { counts = counts.filter { $0.value.last + Self.memory > now } }
      for key in keys {
        var count = counts[key] ?? Count()
        if count.last + Self.memory < now { count = Count() }
        count.failures += 1
        count.last = now
        if count.failures >= key.free {
          let step = min(count.failures - key.free, 8)
          count.until = now + Lifetime(clamping: Int64(2) << Int64(step))
        }
        counts[key] = count
      }
      return nil
    }
  }

  /// The attempt was never judged.
  func forgive(_ keys: [Key]) {
    counts.withLock { counts in
      for key in keys {
        guard var count = counts[key], count.failures > 0 else { continue }
        count.failures -= 1
        if count.failures < key.free { count.until = Instant(millisecondsSince1970: .min) }
        counts[key] = count
      }
    }
  }

  /// The password was right: the account's count from this network begins anew, the others lose this attempt.
  func succeed(_ keys: [Key]) {
    forgive(keys)
    counts.withLock { counts in
      for key in keys where key.what == Self.account { counts[key] = nil }
    }
  }
}

/// A name as a fixed-size key: what is typed may be long.
enum TokenTextDigest {
  static func short(_ text: String) -> String { Base64URL.encode(Array(SHA256Hash.digest(of: text.utf8).prefix(16))) }
}
