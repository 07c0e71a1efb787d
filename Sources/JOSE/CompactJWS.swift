import StrictJSON

/// A signed token in compact serialization, taken apart but not yet believed (RFC 7515 §7.1).
///
/// Nothing in it may be used before `verify(with:)` has returned, except the header's hints which key to try.
public struct CompactJWS: Sendable {
  /// A longer header is refused, in octets of its base64url text.
  public static let headerLimit = 8 * 1024
  /// A longer text is refused, in octets.
  public static let limit = 64 * 1024

  public let header: JOSEHeader
  public let payload: [UInt8]
  public let signature: [UInt8]
  /// What was signed: the first two parts as they were sent, with the dot between them.
  public let signingInput: [UInt8]

  /// - Throws: see `init(parsing:)` of octets.
  public init(parsing text: some StringProtocol) throws(JOSEFault) {
    try self.init(parsing: Array(text.utf8))
  }

  /// Takes a token apart.
  ///
  /// - Throws: `tooLarge`, `partCount` unless there are three parts, `notBase64URL`, `headerNotJSON` (repeated members
  ///   included), `headerNotObject`, `headerMember`.
  public init(parsing text: [UInt8]) throws(JOSEFault) {
    guard text.count <= Self.limit else { throw .tooLarge(limit: Self.limit) }
    let dot = UInt8(ascii: ".")
    guard
      let first = text.firstIndex(of: dot),
      let second = text[(first + 1)...].firstIndex(of: dot),
      !text[(second + 1)...].contains(dot)
    else { throw .partCount(text.count { $0 == dot } + 1) }
    guard first <= Self.headerLimit else { throw .tooLarge(limit: Self.headerLimit) }
    guard let headerBytes = Base64URL.decode(text[..<first]) else { throw .notBase64URL(.header) }
    guard let payload = Base64URL.decode(text[(first + 1)..<second]) else { throw .notBase64URL(.payload) }
    guard let signature = Base64URL.decode(text[(second + 1)...]) else { throw .notBase64URL(.signature) }
    let headerJSON: JSON
    do throws(JSONFault) { headerJSON = try JSON(parsing: headerBytes) } catch { throw .headerNotJSON(error) }
    header = try JOSEHeader(json: headerJSON)
    self.payload = payload
    self.signature = signature
    signingInput = Array(text[..<second])
  }
}
