import Catalogue
import Dialects
public import Vocabulary

/// The token endpoint (RFC 6749 §3.2): the steps all grants share, in their fixed order; a grant states its own
/// policy only, so that none can forget a shared step.
///
///     parameters · client · method · grant type · registration · [ the grant ] · scope · audience · issue
public enum Token {
  public static func decide(
    _ request: TokenRequest, _ facts: TokenFacts, now: Instant, random: inout some RandomNumberGenerator
  ) -> Decision<Issuance> {
    var trail = Trail()
    do throws(Refusal) {
      try trail.check(.parametersOnce) { () throws(Refusal) in
        if let name = request.form.repeatedName(except: ["resource", "audience"]) {
          throw .request(.tokenParameterRepeated(ParameterName(name)))
        }
      }
      let client = try authenticate(request, facts, now: now, trail: &trail)
      let type = try trail.check(.grantTypeKnown) { () throws(Refusal) in try grantType(request) }
      if let client {
        try trail.check(.grantTypeRegistered) { () throws(Refusal) in
          guard client.grants.contains(type) else {
            throw .grant(.typeNotRegistered(type, client: client.id, registered: client.grants))
          }
        }
      }
      switch type {
      case .clientCredentials:
        guard let client else { throw .client(.absent(missing: "client_id")) }
        return try ClientCredentialsGrant.decide(
          request, facts, client: client, now: now, random: &random, trail: trail)
      case .refreshToken:
        return try RefreshTokenGrant.decide(request, facts, client: client, now: now, random: &random, trail: &trail)
      case .authorizationCode:
        guard let client else { throw .client(.absent(missing: "client_id")) }
        return try AuthorizationCodeGrant.decide(
          request, facts, client: client, now: now, random: &random, trail: &trail)
      }
    } catch {
      // What is closed already is not closed again: a second commit would tell by its time that it happened.
      let changes = error.consequences(now: now, trace: request.trace).filter { change in
        if case .closeGrant = change { return facts.grantClosedAt == nil }
        if case .insertRevocation = change { return facts.grantClosedAt == nil }
        if case .closeFamily = change { return facts.family?.closedAt == nil }
        return true
      }
      return Decision(.failure(error), changes: changes, trail: trail)
    }
  }

  /// `nil` only where the endpoint lets a refresh token speak for its client.
  private static func authenticate(
    _ request: TokenRequest, _ facts: TokenFacts, now: Instant, trail: inout Trail
  ) throws(Refusal) -> Client? {
    let credentials = try request.credentials.get()
    if request.endpoint.optionalClient, case .absent = credentials { return nil }
    return try ClientAuthentication.verify(credentials, client: facts.client, now: now, trail: &trail)
  }

  static func grantType(_ request: TokenRequest) throws(Refusal) -> GrantType {
    if request.endpoint.kind == .refresh { return .refreshToken }
    guard let name = request.form["grant_type"] else { throw .request(.tokenParameterMissing("grant_type")) }
    guard let type = GrantType(rawValue: name), request.endpoint.grants.contains(type) else {
      throw .grant(.typeUnknown(Excerpt(name), supported: request.endpoint.grants))
    }
    return type
  }

  /// The scopes asked for, or all that may be had (RFC 6749 §3.3).
  static func scopes(_ request: TokenRequest, within allowed: Scopes) throws(Refusal) -> Scopes {
    guard let text = request.form["scope"] else { return allowed }
    guard let scopes = Scopes(parsing: text) else { throw .scope(.malformed) }
    return scopes.isEmpty ? allowed : scopes
  }

  /// Whom the token is for: the endpoint's own API, the resources asked for (RFC 8707 §2), or every API that
  /// knows one of the scopes.
  static func audience(_ request: TokenRequest, _ facts: TokenFacts, scopes: Scopes) throws(Refusal) -> [Audience] {
    var asked: [String] = []
    for name in request.form.values(of: "resource") where !name.isEmpty && !asked.contains(name) { asked.append(name) }
    if let fixed = facts.fixedAudience {
      for resource in asked where resource != fixed.value {
        throw .scope(.resourceUnknown(Excerpt(resource), known: [Excerpt(fixed.value)]))
      }
      return [fixed]
    }
    guard !asked.isEmpty else {
      let matching = facts.apis.filter { !$0.scopes.intersection(scopes).isEmpty }.map(\.audience)
      return matching.isEmpty ? [facts.issuer] : matching
    }
    var audience: [Audience] = []
    for resource in asked {
      guard resource.contains(":"), !resource.contains("#") else { throw .scope(.resourceMalformed(Excerpt(resource))) }
      guard facts.apis.contains(where: { $0.audience.value == resource }) else {
        throw .scope(.resourceUnknown(Excerpt(resource), known: facts.apis.map { Excerpt($0.audience.value) }))
      }
      audience.append(Audience(resource))
    }
    return audience
  }
}

extension RandomNumberGenerator {
  /// `count` random bytes, eight at a time.
  mutating func bytes(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 7)
    while bytes.count < count {
      var word = next()
      for _ in 0..<8 {
        bytes.append(UInt8(truncatingIfNeeded: word))
        word >>= 8
      }
    }
    return Array(bytes.prefix(count))
  }
}
