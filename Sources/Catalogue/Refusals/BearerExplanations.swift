import StrictJSON
import Vocabulary

/// The operator's and the caller's words for `BearerRefusal`; apart from the cases only for length.
extension BearerRefusal {
  public var explanation: Explanation {
    switch self {
    case .headerAbsent(let accepted):
      Explanation(
        "The request carries no credential where this API reads one.", expected: list(accepted), actual: "(absent)")
    case .schemeUnsupported(let seen, let accepted):
      Explanation(
        "The Authorization header uses the scheme \(seen), which this API does not read.", expected: list(accepted),
        actual: "\(seen)")
    case .inQueryNotAccepted(let accepted):
      Explanation(
        "The token was sent in the query, where this API does not read it; treat it as logged and replace it.",
        expected: list(accepted), actual: "access_token in the query")
    case .repeated(let locations):
      Explanation(
        "Credentials were sent more than once.", expected: "exactly one (RFC 6750 §2)", actual: list(locations))
    case .syntax(let fault):
      Explanation(
        "The credential cannot be parsed: \(fault).", expected: "one token68 (RFC 9110 §11.2)", actual: "\(fault)")
    case .formatUnrecognised(let fault, let expected):
      Explanation(
        "The token does not have the form of an access token of this API: \(fault).",
        expected: "\(expected)", actual: "\(fault)")
    case .unknown:
      Explanation(
        "No access token with this fingerprint exists, or it expired long ago.",
        expected: "a token issued here", actual: "an unknown token")
    case .algorithmRejected(let seen, let allowed):
      Explanation(
        "The token names the algorithm \(seen), which is not the one its API takes.", expected: list(allowed),
        actual: "\(seen)")
    case .keyUnknown(let seen, let known):
      Explanation(
        "The token names the key \(seen), which is not among the \(known.count) known.",
        expected: known.map(\.value).joined(separator: ", "), actual: "\(seen)")
    case .signatureInvalid(let key):
      Explanation(
        "The token's signature does not verify with key \(key).", expected: "a signature by \(key)",
        actual: "another signature, or altered content")
    case .typeWrong(let seen, let expected):
      Explanation(
        "The token is of type \(seen), which is not that of an access token.", expected: "\(expected)",
        actual: "\(seen)")
    case .issuerUntrusted(let seen, let trusted):
      Explanation(
        "The token names the issuer \(seen), which is not trusted here.", expected: "\(trusted)", actual: "\(seen)")
    case .criticalHeader(let names):
      Explanation(
        "The token marks header members as critical that are not understood here (RFC 7515 §4.1.11).",
        expected: "no critical members", actual: list(names))
    case .claimMissing(let name):
      Explanation(
        "The token's claim \(name) is absent or not of the right type.", expected: "\(name)", actual: "(absent)")
    case .audienceMismatch(let seen, let expected):
      Explanation(
        seen.isEmpty ? "The token names no API that it is for." : "The token is for \(list(seen)).",
        expected: "\(expected)", actual: seen.isEmpty ? "(none)" : list(seen))
    case .notYetValid(let until, let now):
      Explanation(
        "The token is not valid before \(until), \(until.seconds(since: now)) s from now.",
        expected: "not before \(now) or earlier", actual: "\(until)")
    case .expired(let at, let now):
      Explanation(
        "The token expired at \(at), \(now.seconds(since: at)) s ago.", expected: "expiry after \(now)", actual: "\(at)"
      )
    case .revokedByClient(let at):
      Explanation(
        "The token was revoked by its client at \(at).", expected: "a token in force", actual: "revoked at \(at)")
    case .revokedByOperator(let at):
      Explanation(
        "The token, or its grant, was revoked by an operator at \(at).", expected: "a token in force",
        actual: "revoked at \(at)")
    case .revokedByPerson(let at):
      Explanation(
        "The person withdrew what they had granted at \(at).", expected: "a grant in force",
        actual: "withdrawn at \(at)")
    case .revokedByContainment(let family, let at):
      Explanation(
        (family.map { "A refresh token of family \($0) was used twice; everything of the family" }
          ?? "The authorization code of the token's grant was used twice; everything of the grant")
          + " was revoked at \(at).",
        expected: "a token in force", actual: "revoked at \(at)")
    case .clientDisabled(let client):
      Explanation(
        "The token's client \(client) is disabled or deleted.", expected: "an enabled client", actual: "\(client)")
    }
  }

  public var members: [Member] {
    switch self {
    case .headerAbsent(let accepted), .schemeUnsupported(_, let accepted), .inQueryNotAccepted(let accepted):
      [Member(.acceptedLocations, .array(accepted.map { .string("\($0)") }))]
    case .audienceMismatch(_, let expected): [Member(.expectedAudience, .string("\(expected)"))]
    case .notYetValid(let until, _): [Member(.notBefore, .string("\(until)"))]
    case .expired(let at, _): [Member(.expiredAt, .string("\(at)"))]
    case .repeated, .syntax, .formatUnrecognised, .unknown, .algorithmRejected, .keyUnknown, .signatureInvalid,
      .typeWrong,
      .issuerUntrusted, .criticalHeader, .claimMissing, .revokedByClient, .revokedByOperator,
      .revokedByPerson, .revokedByContainment,
      .clientDisabled:
      []
    }
  }

  private func list(_ values: [Excerpt]) -> String { values.map(\.description).joined(separator: ", ") }
}
