import Catalogue
import Dialects
public import Vocabulary

/// What must be known of the person to decide.
public struct AuthorizationFacts: Sendable {
  public let session: Session?
  /// The version it was seen at; `nil` for one that is nowhere stored.
  public let sessionVersion: Int64?
  /// Who it must be, where the application said so.
  public let expected: SubjectID?
  public let consent: Versioned<Consent>?
  /// The version of the person's account that was seen in force.
  public let account: Int64?
  /// The things the person could share now; nothing else can be.
  public let offered: [AuthorizationDetail]
  /// What the client holds of this person already.
  public let held: [Grant]
  /// What the client calls the person of the session.
  public let name: SubjectID?
  /// What the person just answered on the consent page; `nil` when they have not been asked.
  public let answer: ConsentAnswer?

  public init(
    session: Session?, sessionVersion: Int64? = nil, expected: SubjectID? = nil, name: SubjectID? = nil,
    consent: Versioned<Consent>?,
    account: Int64? = nil, offered: [AuthorizationDetail] = [], held: [Grant] = [], answer: ConsentAnswer? = nil
  ) {
    self.account = account
    self.sessionVersion = sessionVersion
    self.offered = offered
    self.held = held
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
  /// The page is to be shown once more, as it was sent.
  case again(Scopes, [AuthorizationDetail])
  case deny
  case leave
}

/// What happens next.
public enum AuthorizationStep: Sendable {
  case signIn
  /// - Parameter lacksChoice: the page came back with nothing ticked that could be shared.
  case askConsent(lacksChoice: Bool)
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
        return Decision(.success(.signIn), trail: trail)
      }
      guard let session = facts.session else { throw .authorization(.loginRequired("no session")) }
      trail.pass(.signedIn)
      switch facts.answer {
      case .deny: throw .authorization(.denied(client: demand.proven.client.id, asked: demand.scopes))
      case .leave: throw .authorization(.abandoned(client: demand.proven.client.id))
      case .again: return Decision(.success(.askConsent(lacksChoice: false)), trail: trail)
      case .allow(let scopes, let ticked, let page):
        let allowed = Allowance(demand, facts, scopes: scopes, ticked: ticked)
        guard allowed.isSomething else { return Decision(.success(.askConsent(lacksChoice: true)), trail: trail) }
        trail.pass(.consentGiven)
        return issue(
          demand, session, allowed.scopes, allowed.details, page,
          remembering: allowed.changes(session.subject, now: now) + presence(session, facts), now: now, random: &random,
          trail: trail)
      case nil: break
      }
      guard let consent = facts.consent, let details = covers(consent.record, demand, facts.offered) else {
        if demand.prompts.contains(.none) {
          trail.stop(at: .consentGiven)
          throw .authorization(.consentRequired(demand.scopes))
        }
        return Decision(.success(.askConsent(lacksChoice: false)), trail: trail)
      }
      trail.pass(.consentGiven)
      let granted = demand.scopes.subtracting(demand.wishedScopes.subtracting(consent.record.scopes))
      return issue(
        demand, session, granted, details, nil,
        remembering: [.requireConsent(session.subject, demand.proven.client.id, at: consent.version)]
          + presence(session, facts),
        now: now, random: &random, trail: trail)
    } catch {
      return Decision(.failure(error), changes: error.consequences(now: now), trail: trail)
    }
  }

  /// A person who is disabled, or signs out, at this very moment gets no code.
  private static func presence(_ session: Session, _ facts: AuthorizationFacts) -> [Change] {
    (facts.account.map { [.requireUser(session.username, at: $0)] } ?? [])
      + (facts.sessionVersion.map { [.replaceSession(session, expecting: $0)] } ?? [])
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
  /// - Returns: which things it covers that can be shared now; `nil` when the person must be asked.
  private static func covers(
    _ consent: Consent, _ demand: AuthorizationDemand, _ offered: [AuthorizationDetail]
  ) -> [AuthorizationDetail]? {
    if demand.prompts.contains(.consent) { return nil }
    if demand.proven.client.isPublic, !demand.proven.redirectURI.isClaimedHTTPS { return nil }
    // Where nobody can be asked, a wish is left out (OpenID Connect Core §5.5.1).
    let needed = demand.prompts.contains(.none) ? demand.scopes.subtracting(demand.wishedScopes) : demand.scopes
    guard needed.isSubset(of: consent.scopes) else { return nil }
    let details = consent.details.filter(offered.contains)
    return details.isEmpty && !offered.isEmpty ? nil : details
  }

  private static func issue(
    _ demand: AuthorizationDemand, _ session: Session, _ scopes: Scopes, _ details: [AuthorizationDetail],
    _ name: GrantID?, remembering: [Change], now: Instant, random: inout some RandomNumberGenerator, trail: Trail
  ) -> Decision<AuthorizationStep> {
    let proven = demand.proven
    let rule = proven.request.rule
    let grant = Grant(
      id: name ?? GrantID(TokenText.uuid(random.bytes(16))), client: proven.client.id, subject: session.subject,
      scopes: scopes, details: details, createdAt: now, expiresAt: end(of: proven, now: now),
      trace: proven.request.trace,
      session: session.storedDigest.map { _ in session.id })
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

  /// When nothing that comes of the code can be in force any more.
  private static func end(of proven: ProvenRequest, now: Instant) -> Instant {
    let contract = proven.request.contract
    return now + proven.request.rule.codeLifetime + (contract.refreshToken?.lifetime ?? Lifetime(clamping: 0))
      + contract.accessToken.lifetime
  }
}
