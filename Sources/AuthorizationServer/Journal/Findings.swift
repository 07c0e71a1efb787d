import Foundation
import HTTPTypes
import JOSE
import OAuth
import StrictJSON
import Vocabulary

/// What the second look at a refused request brought to light; goes into its record.
public struct Findings: Sendable {
  var examination = Examination()
  var request: [JSON.Member] = []
  var timeline: [JSON] = []
  var related: [JSON] = []
  var grant: GrantID?
  /// Whose token it was, where the token is genuine.
  var client: ClientID?
  /// Whether it only named itself: a public client proves nothing by that (RFC 6749 §2.3).
  var isPublicClient = false
  /// What the request carried that must not stand in its record.
  var secrets: PresentedSecrets?
  /// The value that decided, where the refusal itself did not keep it.
  var actual: String?
  var expected: String?
  /// Where the expectation comes from, where no check says so.
  var source: String?
  let clock: JSON
  let keys: JSON?
  let release: String
  let isTestMode: Bool

  var members: [JSON.Member] {
    var members: [JSON.Member] = []
    if !examination.evidence.isEmpty { members.append(.init("evidence", .object(examination.evidence))) }
    if !examination.nearMisses.isEmpty {
      members.append(
        .init("near_miss", .array(examination.nearMisses.map { .string($0) })))
    }
    if !timeline.isEmpty { members.append(.init("timeline", .array(timeline))) }
    if !related.isEmpty { members.append(.init("related", .array(related))) }
    members.append(.init("clock", clock))
    if let keys { members.append(.init("keys", keys)) }
    return members
  }
}

/// A credential's name in a record: a keyed hash, so that two records of one credential can be told to be so, and
/// neither yields it.
struct Fingerprint {
  private let key: [UInt8]

  init(_ issuer: Issuer) { key = issuer.formKey }

  /// 12 hexadecimal digits.
  func of(_ text: some StringProtocol) -> String {
    HMACSHA256.authenticate(Array("fingerprint:".utf8) + Array(text.utf8), key: key).prefix(6)
      .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
