public import StrictJSON

/// The claims of a JSON Web Token, read and typed but not judged (RFC 7519 §4.1).
///
/// Times are seconds since 1970-01-01T00:00:00Z and may be any `Int64`: whoever adds a tolerance to them must do so
/// with overflow in mind.
public struct Claims: Sendable {
  /// `iss`
  public let issuer: String?
  /// `sub`
  public let subject: String?
  /// `aud`, always as a list; empty if there is none.
  public let audience: [String]
  /// `exp`, in seconds; a fraction is cut off downwards.
  public let expiresAt: Int64?
  /// `nbf`, in seconds; a fraction is cut off downwards.
  public let notBefore: Int64?
  /// `iat`, in seconds; a fraction is cut off downwards.
  public let issuedAt: Int64?
  /// `jti`
  public let id: String?
  /// All claims, in their order.
  public let json: JSON

  /// - Throws: `payloadNotJSON` (repeated claims included, RFC 8725 §2.4), `payloadNotObject`, `claimMalformed` for a
  ///   registered claim of the wrong JSON type or a time that does not fit 64 bits. A claim that is `null` is malformed,
  ///   not absent.
  public init(payload: [UInt8]) throws(JOSEFault) {
    let json: JSON
    do throws(JSONFault) { json = try JSON(parsing: payload) } catch { throw .payloadNotJSON(error) }
    guard let members = json.members else { throw .payloadNotObject }
    var texts: (issuer: String?, subject: String?, id: String?)
    var times: (expiresAt: Int64?, notBefore: Int64?, issuedAt: Int64?)
    var audience: [String] = []
    for member in members {
      switch member.name {
      case "iss": texts.issuer = try Self.text(member)
      case "sub": texts.subject = try Self.text(member)
      case "jti": texts.id = try Self.text(member)
      case "exp": times.expiresAt = try Self.time(member)
      case "nbf": times.notBefore = try Self.time(member)
      case "iat": times.issuedAt = try Self.time(member)
      case "aud": audience = try Self.audience(member)
      default: break
      }
    }
    (issuer, subject, id) = texts
    (expiresAt, notBefore, issuedAt) = times
    self.audience = audience
    self.json = json
  }

  /// The claim of that name.
  public subscript(name: String) -> JSON? { json[name] }

  private static func text(_ member: JSON.Member) throws(JOSEFault) -> String {
    guard let text = member.value.string else { throw .claimMalformed(member.name) }
    return text
  }

  /// RFC 7519 §2, NumericDate: a number that may have a fraction.
  private static func time(_ member: JSON.Member) throws(JOSEFault) -> Int64 {
    guard case .number(let text) = member.value else { throw .claimMalformed(member.name) }
    if let exact = Int64(text) { return exact }
    guard let seconds = Double(text), let time = Int64(exactly: seconds.rounded(.down)) else {
      throw .claimMalformed(member.name)
    }
    return time
  }

  /// RFC 7519 §4.1.3: one text or a list of texts.
  private static func audience(_ member: JSON.Member) throws(JOSEFault) -> [String] {
    if let one = member.value.string { return [one] }
    guard let values = member.value.array else { throw .claimMalformed(member.name) }
    var audience: [String] = []
    for value in values {
      guard let text = value.string else { throw .claimMalformed(member.name) }
      audience.append(text)
    }
    return audience
  }
}
