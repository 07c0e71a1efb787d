import Catalogue
import JOSE
public import StrictJSON
public import Vocabulary

/// The claims of an access token in JWT form: RFC 9068 §2.2, RFC 9396 §9.1.
extension AccessTokenFacts {
  /// The payload to be signed.
  public func claims(issuer: String) -> JSON {
    var members: [JSON.Member] = [
      .init("iss", .string(issuer)), .init("sub", .string(subject.value)),
      .init("aud", audience.count == 1 ? .string("\(audience[0])") : .array(audience.map { .string("\($0)") })),
      .init("exp", .integer(expiresAt.secondsSince1970)), .init("iat", .integer(issuedAt.secondsSince1970)),
      .init("jti", .string("\(id)")), .init("client_id", .string(client.value)),
    ]
    if let notBefore { members.append(.init("nbf", .integer(notBefore.secondsSince1970))) }
    if !scopes.isEmpty { members.append(.init("scope", .string(scopes.description))) }
    if !details.isEmpty { members.append(.init("authorization_details", .array(details.map(\.json)))) }
    if let grant { members.append(.init("grant_id", .string(grant.value))) }
    if let family { members.append(.init("family_id", .string(family.value))) }
    return .object(members)
  }

  /// Reads the claims of a token whose signature was verified.
  init(_ claims: Claims) throws(Refusal) {
    func required<Value>(_ value: Value?, _ name: ParameterName) throws(Refusal) -> Value {
      guard let value else { throw .bearer(.claimMissing(name)) }
      return value
    }
    let scope = claims["scope"]
    guard let scopes = Scopes(parsing: scope?.string ?? ""), scope == nil || scope?.string != nil else {
      throw .bearer(.claimMissing("scope"))
    }
    var details: [AuthorizationDetail] = []
    for value in claims["authorization_details"]?.array ?? [] {
      details.append(try required(AuthorizationDetail(value), "authorization_details"))
    }
    self.init(
      id: TokenID(try required(claims.id, "jti")),
      client: ClientID(try required(claims["client_id"]?.string, "client_id")),
      subject: SubjectID(try required(claims.subject, "sub")), scopes: scopes, details: details,
      audience: claims.audience.map(Audience.init), grant: claims["grant_id"]?.string.map(GrantID.init),
      family: claims["family_id"]?.string.map(FamilyID.init),
      issuedAt: Instant(secondsSince1970: try required(claims.issuedAt, "iat")),
      notBefore: claims.notBefore.map(Instant.init(secondsSince1970:)),
      expiresAt: Instant(secondsSince1970: try required(claims.expiresAt, "exp")))
  }
}

extension AuthorizationDetail {
  public var json: JSON {
    var members: [JSON.Member] = [.init("type", .string(type)), .init("identifier", .string(identifier))]
    if !privileges.isEmpty { members.append(.init("privileges", .array(privileges.list.map { .string($0.name) }))) }
    return .object(members)
  }

  public init?(_ json: JSON) {
    guard let type = json["type"]?.string, let identifier = json["identifier"]?.string else { return nil }
    self.init(
      type: type, identifier: identifier,
      privileges: Scopes((json["privileges"]?.array ?? []).compactMap { $0.string.flatMap { Scope($0) } }))
  }
}
