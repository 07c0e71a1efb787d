import Catalogue
import Dialects
public import Vocabulary

/// What must be known of the person to decide.
public struct AuthorizationFacts: Sendable {
  public let session: Session?
  /// Who it must be, where the application said so.
  public let expected: SubjectID?
  public let consent: Versioned<Consent>?
  /// What the client calls the person of the session.
  public let name: SubjectID?
  /// What the person just answered on the consent page; `nil` when they have not been asked.
  public let answer: ConsentAnswer?

  public init(
    session: Session?, expected: SubjectID? = nil, name: SubjectID? = nil, consent: Versioned<Consent>?,
    answer: ConsentAnswer? = nil
  ) {
    self.name = name
    self.session = session
    self.expected = expected
    self.consent = consent
    self.answer = answer
  }
}

/// What came back from the consent page.
public enum ConsentAnswer: Sendable {
  /// - Parameter page: names the page that was answered; the grant gets its name, so that no page is answered twice.
  case allow(Scopes, [AuthorizationDetail], page: GrantID?)
  case deny
  case leave
}

/// What happens next.
public enum AuthorizationStep: Sendable {
  case signIn(Excerpt)
  case askConsent(Session)
  case issue(IssuedCode)
}

/// A code on its way to the application (RFC 6749 §4.1.2).
public struct IssuedCode: Sendable {
  public let code: Secret
  public let subject: SubjectID
}

/// The authorization endpoint's decision, once client and address are proven. RFC 6749 §4.1, OpenID Connect Core
/// §3.1.2.3 to §3.1.2.5:
///
///     signed in, recently enough · consent given before, or now · code
public enum Authorize {
  public static func decide(
    _ demand: AuthorizationDemand, _ facts: AuthorizationFacts, now: Instant,
    random: inout some RandomNumberGenerator
  ) -> Decision<AuthorizationStep> {
    var trail = Trail()
    do throws(Refusal) {
      if let reason = signInReason(demand, facts, now: now) {
        if demand.prompts.contains(.none) {
          trail.stop(at: .signedIn)
          throw .authorization(.loginRequired(reason))
        }
        return Decision(.success(.signIn(reason)), trail: trail)
      }
      guard let session = facts.session else { throw .authorization(.loginRequired("no session")) }
      trail.pass(.signedIn)
      switch facts.answer {
      case .deny: throw .authorization(.denied(client: demand.proven.client.id, asked: demand.scopes))
      case .leave: throw .authorization(.abandoned(client: demand.proven.client.id))
      case .allow(let scopes, let details, let page):
        let granted = demand.granted(scopes)
        trail.pass(.consentGiven)
        var consented = granted
        // What was shared before and is not asked about now stays shared.
        if let before = facts.consent { consented = granted.union(before.record.scopes.subtracting(demand.scopes)) }
        let consent = Consent(
          subject: session.subject, client: demand.proven.client.id, scopes: consented, details: details,
          createdAt: now)
        return issue(
          demand, session, granted, details, page,
          remembering: [.saveConsent(consent, replacing: facts.consent?.version)],
          now: now, random: &random, trail: trail)
      case nil: break
      }
      guard let consent = facts.consent?.record, covers(consent, demand) else {
        if demand.prompts.contains(.none) {
          trail.stop(at: .consentGiven)
          throw .authorization(.consentRequired(demand.scopes))
        }
        return Decision(.success(.askConsent(session)), trail: trail)
      }
      trail.pass(.consentGiven)
      let granted = demand.scopes.subtracting(demand.wishedScopes.subtracting(consent.scopes))
      return issue(
        demand, session, granted, consent.details, nil, remembering: [], now: now, random: &random, trail: trail)
    } catch {
      return Decision(.failure(error), changes: error.consequences(now: now), trail: trail)
    }
  }

  /// Why the person must sign in; `nil` when they need not.
  private static func signInReason(
    _ demand: AuthorizationDemand, _ facts: AuthorizationFacts, now: Instant
  ) -> Excerpt? {
    guard let session = facts.session, session.expiresAt > now else { return "there is no session" }
    if let expected = facts.expected, expected != session.subject { return "somebody else is signed in" }
    if !demand.claims.admits(facts.name) { return "claims asks for somebody else" }
    // A decision on the consent page comes after whatever sign-in the request wanted.
    if facts.answer != nil { return nil }
    if demand.prompts.contains(.login) || demand.prompts.contains(.selectAccount) { return "prompt asks for it" }
    if let age = demand.maximumAge, session.authenticatedAt + age < now { return "the session is older than max_age" }
    return nil
  }

  /// A public client is not known to be the one consent was given to, unless its address is its own (RFC 8252 §8.6).
  private static func covers(_ consent: Consent, _ demand: AuthorizationDemand) -> Bool {
    if demand.prompts.contains(.consent) { return false }
    if demand.proven.client.isPublic, !demand.proven.redirectURI.isClaimedHTTPS { return false }
    // Where nobody can be asked, a wish is left out (OpenID Connect Core §5.5.1).
    let needed = demand.prompts.contains(.none) ? demand.scopes.subtracting(demand.wishedScopes) : demand.scopes
    return needed.isSubset(of: consent.scopes)
  }

  private static func issue(
    _ demand: AuthorizationDemand, _ session: Session, _ scopes: Scopes, _ details: [AuthorizationDetail],
    _ name: GrantID?, remembering: [Change], now: Instant, random: inout some RandomNumberGenerator, trail: Trail
  ) -> Decision<AuthorizationStep> {
    let proven = demand.proven
    let rule = proven.request.rule
    let grant = Grant(
      id: name ?? GrantID(TokenText.uuid(random.bytes(16))), client: proven.client.id, subject: session.subject,
      scopes: scopes, details: details, createdAt: now, session: session.storedDigest.map { _ in session.id })
    let code = TokenText.write(random.bytes(32), form: rule.codeForm, prefix: TokenText.codePrefix)
    let record = AuthorizationCodeRecord(
      digest: TokenText.digest(code), grant: grant.id, contract: Excerpt(proven.request.contract.name),
      client: proven.client.id, subject: session.subject, scopes: scopes, details: details,
      audience: demand.audience, redirectURI: proven.namesRedirectURI ? proven.redirectURI : nil,
      challenge: demand.challenge, nonce: demand.nonce, authenticatedAt: session.authenticatedAt,
      expiresAt: now + rule.codeLifetime, session: session.storedDigest,
      sessionName: session.storedDigest.map { _ in session.id.shown(to: proven.client.id) },
      identityClaims: PersonClaim.members(
        of: demand.claims.identityClaims, username: session.username, within: scopes))
    return Decision(
      .success(.issue(IssuedCode(code: code, subject: session.subject))),
      changes: [.insertGrant(grant), .insertCode(record)] + remembering, trail: trail)
  }
}
