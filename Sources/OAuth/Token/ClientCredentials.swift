public import Catalogue
import JOSE
public import Vocabulary

/// How a client presented itself in one token request: exactly one way (RFC 6749 §2.3).
public enum ClientCredentials: Sendable {
  case basic(ClientID, Secret)
  case post(ClientID, Secret)
  /// A public client names itself only (RFC 6749 §3.2.1).
  case named(ClientID)
  case absent(missing: ParameterName)

  public var client: ClientID? {
    switch self {
    case .basic(let client, _), .post(let client, _), .named(let client): client
    case .absent: nil
    }
  }

  public var method: ClientAuthenticationMethod {
    switch self {
    case .basic: .basic
    case .post: .post
    case .named, .absent: .none
    }
  }

  /// Reads the credentials from the `Authorization` header and the parameters of the body.
  public init(authorization: [String], form: Form) throws(Refusal) {
    let bodyID = form["client_id"]
    let bodySecret = form["client_secret"]
    if authorization.count > 1 { throw .client(.repeated([.basic, .basic])) }
    if let header = authorization.first, !header.isEmpty {
      let (id, secret) = try Self.decodeBasic(header)
      if bodySecret != nil { throw .client(.repeated([.basic, .post])) }
      if let bodyID, bodyID != id {
        throw .client(.identifierConflict(header: Excerpt(id), body: Excerpt(bodyID)))
      }
      self = .basic(ClientID(id), Secret(secret))
    } else if let bodyID, let bodySecret {
      self = .post(ClientID(bodyID), Secret(bodySecret))
    } else if let bodyID {
      self = .named(ClientID(bodyID))
    } else {
      self = .absent(missing: "client_id")
    }
  }

  /// RFC 6749 §2.3.1: id and secret are form-encoded before they are joined and base64-encoded.
  static func decodeBasic(_ header: String) throws(Refusal) -> (id: String, secret: String) {
    guard let space = header.utf8.firstIndex(of: 0x20), header[..<space].lowercased() == "basic" else {
      throw .client(.credentialsMalformed("the scheme is not Basic"))
    }
    guard let bytes = Base64.decode(header[space...].utf8.dropFirst()) else {
      throw .client(.credentialsMalformed("not base64"))
    }
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
      throw .client(.credentialsMalformed("no colon between id and secret"))
    }
    let id = formDecoded(bytes[..<colon])
    let secret = formDecoded(bytes[bytes.index(after: colon)...])
    guard let id, let secret else { throw .client(.credentialsMalformed("not UTF-8")) }
    guard !id.isEmpty else { throw .client(.credentialsMalformed("the id is empty")) }
    return (id, secret)
  }

  /// Many clients forget the form-encoding; what does not decode is taken literally.
  private static func formDecoded(_ bytes: ArraySlice<UInt8>) -> String? {
    if let decoded = try? Form.decode(bytes, plusIsSpace: true) { return decoded }
    return String(validating: bytes, as: UTF8.self)
  }
}
