import Vocabulary

/// What a person allows on the consent page, and what is remembered of it (OpenID Connect Core §3.1.2.4).
///
/// What is allowed now stands in the place of what the client held of the same scopes: whoever unticks a thing means
/// that it ends. Scopes that were not asked about now stay remembered only while they are about the same things.
struct Allowance {
  let scopes: Scopes
  let details: [AuthorizationDetail]
  private let demand: AuthorizationDemand
  private let facts: AuthorizationFacts

  init(
    _ demand: AuthorizationDemand, _ facts: AuthorizationFacts, scopes ticked: Scopes,
    ticked things: [AuthorizationDetail]
  ) {
    self.demand = demand
    self.facts = facts
    scopes = demand.granted(ticked)
    // Only what was offered can be shared, whatever the form says, and each thing once.
    details = facts.offered.filter(things.contains)
  }

  /// Whether there is anything to give: a scope, and one of the things where things are offered.
  var isSomething: Bool { !scopes.isEmpty && (facts.offered.isEmpty || !details.isEmpty) }

  func changes(_ subject: SubjectID, now: Instant) -> [Change] {
    let before = facts.consent?.record
    let hasThings = !facts.offered.isEmpty
    var remembered = scopes
    if let before, !hasThings || Set(before.details) == Set(details) {
      remembered = scopes.union(before.scopes.subtracting(demand.scopes))
    }
    let consent = Consent(
      subject: subject, client: demand.proven.client.id, scopes: remembered,
      details: hasThings ? details : before?.details ?? [], createdAt: now)
    return [.saveConsent(consent, replacing: facts.consent?.version)]
      + facts.held.filter(exceeds).flatMap { grant -> [Change] in
        let note = Revocation(
          token: TokenID(grant.id.value), at: now, by: .person, expiresAt: grant.expiresAt ?? now + .maximum)
        return [.closeGrant(grant.id, at: now), .insertRevocation(note)]
      }
  }

  /// Whether a grant is about what was asked now, and holds more of it than is allowed now.
  private func exceeds(_ grant: Grant) -> Bool {
    let same = grant.scopes.intersection(demand.scopes).list.filter { $0.name != "openid" }
    if same.isEmpty { return false }
    if !Scopes(same).isSubset(of: scopes) { return true }
    return !facts.offered.isEmpty && !grant.details.allSatisfy(details.contains)
  }
}
