public import Catalogue
public import Dialects
public import Vocabulary

/// Exactly one token, from the one place this API reads (RFC 6750 §2).
public struct PresentedToken: Sendable {
  public let token: Secret

  /// - Parameters:
  ///   - authorization: every `Authorization` field value, in order.
  ///   - query: the decoded query, or `nil` when there is none.
  public static func extract(
    _ rule: CredentialRule, authorization: [String], query: Form?
  ) throws(Refusal) -> PresentedToken {
    if authorization.count > 1 { throw .bearer(.repeated(locations: ["Authorization", "Authorization"])) }
    let queryTokens = query?.values(of: rule.queryParameter ?? "access_token") ?? []
    let header = authorization.first
    if let header, !(header.isEmpty && rule.emptyHeaderIsAbsent) {
      if rule.queryParameter == nil, !queryTokens.isEmpty {
        throw .bearer(.repeated(locations: ["Authorization", "query"]))
      }
      return try fromHeader(header, rule)
    }
    guard !queryTokens.isEmpty else {
      throw .bearer(.headerAbsent(accepted: accepted(rule)))
    }
    guard rule.queryParameter != nil else {
      throw .bearer(.inQueryNotAccepted(accepted: accepted(rule)))
    }
    guard queryTokens.count == 1 else { throw .bearer(.repeated(locations: ["query", "query"])) }
    return try checked(queryTokens[0][...])
  }

  private static func fromHeader(_ header: String, _ rule: CredentialRule) throws(Refusal) -> PresentedToken {
    guard !header.isEmpty else { throw .bearer(.headerAbsent(accepted: accepted(rule))) }
    guard let space = header.utf8.firstIndex(of: 0x20) else {
      if rule.schemes.contains(where: { matches(header[...], $0, rule) }) {
        throw .bearer(.syntax("no token after the scheme"))
      }
      // A lone word may be a token: it is never repeated in a record.
      guard rule.bareToken else { throw .bearer(.schemeUnsupported("(none: a single word)", accepted: accepted(rule))) }
      return try checked(header[...])
    }
    let scheme = header[..<space]
    guard rule.schemes.contains(where: { matches(scheme, $0, rule) }) else {
      if rule.bareToken { throw .bearer(.syntax("a space inside the token, or another scheme")) }
      let isName = scheme.utf8.count <= 16 && scheme.utf8.allSatisfy { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }
      throw .bearer(.schemeUnsupported(isName ? Excerpt(scheme) : "(not a scheme name)", accepted: accepted(rule)))
    }
    var rest = header[header.index(after: space)...]
    if !rule.exactScheme { while rest.first == " " { rest = rest.dropFirst() } }
    return try checked(rest)
  }

  private static func accepted(_ rule: CredentialRule) -> [Excerpt] { rule.acceptedLocations.map { Excerpt($0) } }

  private static func matches(_ seen: Substring, _ scheme: String, _ rule: CredentialRule) -> Bool {
    // Schemes are case-insensitive (RFC 9110 §11.1); one contract says otherwise.
    if seen.utf8.elementsEqual(scheme.utf8) { return true }
    return !rule.exactScheme && seen.lowercased() == scheme.lowercased()
  }

  private static func checked(_ token: Substring) throws(Refusal) -> PresentedToken {
    guard !token.isEmpty else { throw .bearer(.syntax("the token is empty")) }
    guard token.utf8.count <= 16_384 else { throw .bearer(.syntax("the token is longer than 16384 characters")) }
    guard TokenText.isToken68(token.utf8) else { throw .bearer(.syntax("a character that no token has")) }
    return PresentedToken(token: Secret(String(token)))
  }
}
