public import StrictJSON

/// The header of a signed token (RFC 7515 §4.1).
///
/// Keys and the addresses of keys in it (`jwk`, `jku`, `x5c`, `x5u`) are never used: whoever forges a token chooses
/// them (RFC 8725 §3.10). That there is one is recorded, and no more.
public struct JOSEHeader: Sendable {
  /// `alg` as it was written.
  public let algorithmName: String
  /// `alg` if it is one of ours.
  public let algorithm: Algorithm?
  /// `typ`, as it was written; media types compare without regard to case (RFC 7515 §4.1.9).
  public let type: String?
  /// `kid`: a hint, and any text at all. Compare it; do not build paths or queries of it.
  public let keyID: String?
  /// `crit`: the extensions that must be understood.
  public let critical: [String]?
  /// `cty`
  public let contentType: String?
  /// Whether the header brings a key or says where to fetch one.
  public let hasEmbeddedKey: Bool
  /// Whether there is a `b64`, of whatever value (RFC 7797 §3).
  let hasUnencodedPayload: Bool

  /// - Throws: `headerNotObject`; `headerMember` for a missing `alg`, a parameter of the wrong JSON type, or a `crit`
  ///   that is empty, repeats a name or names what is not there (RFC 7515 §4.1.11).
  public init(json: JSON) throws(JOSEFault) {
    guard let members = json.members else { throw .headerNotObject }
    var algorithmName: String?
    var type: String?
    var keyID: String?
    var contentType: String?
    var critical: [String]?
    var hasEmbeddedKey = false
    var hasUnencodedPayload = false
    for member in members {
      switch member.name {
      case "alg": algorithmName = try Self.text(member)
      case "typ": type = try Self.text(member)
      case "kid": keyID = try Self.text(member)
      case "cty": contentType = try Self.text(member)
      case "crit": critical = try Self.critical(member, in: members)
      case "b64": hasUnencodedPayload = true
      case "jku", "x5u":
        _ = try Self.text(member)
        hasEmbeddedKey = true
      case "jwk":
        guard member.value.members != nil else { throw .headerMember(member.name) }
        hasEmbeddedKey = true
      case "x5c":
        guard let chain = member.value.array, !chain.isEmpty, chain.allSatisfy({ $0.string != nil }) else {
          throw .headerMember(member.name)
        }
        hasEmbeddedKey = true
      case "x5t", "x5t#S256": _ = try Self.text(member)
      // RFC 7515 §4: parameters that are not understood must be ignored.
      default: break
      }
    }
    guard let algorithmName else { throw .headerMember("alg") }
    self.algorithmName = algorithmName
    algorithm = Algorithm(rawValue: algorithmName)
    self.type = type
    self.keyID = keyID
    self.contentType = contentType
    self.critical = critical
    self.hasEmbeddedKey = hasEmbeddedKey
    self.hasUnencodedPayload = hasUnencodedPayload
  }

  private static func text(_ member: JSON.Member) throws(JOSEFault) -> String {
    guard let text = member.value.string else { throw .headerMember(member.name) }
    return text
  }

  private static func critical(_ member: JSON.Member, in members: [JSON.Member]) throws(JOSEFault) -> [String] {
    guard let values = member.value.array, !values.isEmpty else { throw .headerMember(member.name) }
    var names: [String] = []
    var seen: Set<String> = []
    let present = Set(members.map(\.name))
    for value in values {
      guard let name = value.string, present.contains(name), seen.insert(name).inserted else {
        throw .headerMember(member.name)
      }
      names.append(name)
    }
    return names
  }
}
