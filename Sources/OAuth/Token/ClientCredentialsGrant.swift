import Catalogue
import Dialects
import Vocabulary

/// A client asks for itself. RFC 6749 §4.4; RFC 9068 §2.2 (the subject is the client).
enum ClientCredentialsGrant {
  static func decide(
    _ request: TokenRequest, _ facts: TokenFacts, client: Client, now: Instant,
    random: inout some RandomNumberGenerator, trail outer: Trail
  ) throws(Refusal) -> Decision<Issuance> {
    var trail = outer
    let scopes: Scopes
    let audience: [Audience]
    do throws(Refusal) {
      scopes = try trail.check(.scopeAllowed) { () throws(Refusal) in
        let scopes = try Token.scopes(request, within: client.scopes)
        guard scopes.isSubset(of: client.scopes) else {
          throw .scope(.notRegistered(scopes.subtracting(client.scopes), client: client.id, registered: client.scopes))
        }
        return scopes
      }
      audience = try trail.check(.resourceKnown) { () throws(Refusal) in
        try Token.audience(request, facts, scopes: scopes)
      }
    } catch {
      return Decision(.failure(error), changes: error.consequences(now: now), trail: trail)
    }
    var issuing = Issuing(
      request: request, client: client.id, subject: SubjectID(client.id.value), scopes: scopes,
      details: client.details, audience: audience, now: now)
    // RFC 6749 §4.4.3 advises against a refresh token here; one contract promises it all the same.
    if request.endpoint.issuesRefreshToken, let rule = request.contract.refreshToken {
      issuing.openFamily(rule, random: &random)
    }
    return issuing.decision(random: &random, trail: trail)
  }
}
