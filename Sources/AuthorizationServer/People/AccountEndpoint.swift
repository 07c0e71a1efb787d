import Catalogue
import HTTPTypes
import OAuth
import Pages
import Storage
import Vocabulary

/// `/account`: what a person has shared with whom, and the way to take it back. What is withdrawn ends at once: the
/// consent, the grants, and with them every token they carry.
struct AccountEndpoint {
  let issuer: Issuer

  func respond(to request: IncomingRequest) async -> OutgoingAnswer {
    let pages = PageAnswer(issuer, request)
    do throws(Refusal) {
      let sessions = Sessions(issuer: issuer)
      switch request.method {
      case "GET", "HEAD":
        guard let session = try await sessions.find(pages.cookie) else { return pages.redirect("/login") }
        return try await show(session, pages, notice: nil)
      case "POST":
        let form = try PostedForm.read(pages)
        guard let session = try await sessions.find(pages.cookie) else { throw .signIn(.signedOutMeanwhile) }
        let client = ClientID(form["grant"] ?? "")
        let name = issuer.snapshot.client(client)?.name.description ?? client.value
        try await withdraw(session.subject, client, request.trace)
        return try await show(session, pages, notice: .withdrawn(application: name))
      default:
        throw .request(.methodNotAllowed(seen: Excerpt(request.method), allowed: ["GET", "POST"]))
      }
    } catch { return pages.refuse(error) }
  }

  private func show(
    _ session: Session, _ pages: PageAnswer, notice: AccountPage.Notice?
  ) async throws(Refusal) -> OutgoingAnswer {
    var grants: [AccountPage.Grant] = []
    for consent in try await holdings(session.subject) {
      let client = issuer.snapshot.client(consent.client)
      grants.append(
        AccountPage.Grant(
          id: consent.client.value, applicationName: client?.name.description ?? consent.client.value,
          host: client?.redirectURIs.first?.origin ?? "",
          scopes: consent.scopes.list.filter { $0.name != "openid" }.map {
            ScopeWords.words(for: $0, of: issuer.apis, pages.language).title
          }, resources: try await titles(consent.details, session.subject),
          since: String(consent.createdAt.description.prefix(10))))
    }
    return pages.show(
      AccountPage(
        signedInAs: session.username.description, grants: grants, withdrawAction: "/account",
        signOutAction: "/oauth/logout", hidden: pages.hidden(), notice: notice))
  }

  /// What applications hold of a person: what was consented to last, and what grants of before still carry. A page that
  /// showed less would leave the person no way to take it back.
  private func holdings(_ subject: SubjectID) async throws(Refusal) -> [Consent] {
    var holdings = try await consents(subject)
    let now = Clock.now
    do throws(StoreFailure) {
      for grant in try await issuer.store.grants(of: subject) where grant.expiresAt.map({ $0 > now }) ?? true {
        let index = holdings.firstIndex { $0.client == grant.client }
        let before = index.map { holdings[$0] }
        let details = before?.details ?? []
        let merged = Consent(
          subject: subject, client: grant.client, scopes: (before?.scopes ?? .none).union(grant.scopes),
          details: details + grant.details.filter { !details.contains($0) },
          createdAt: before?.createdAt ?? grant.createdAt)
        if let index { holdings[index] = merged } else { holdings.append(merged) }
      }
    } catch { throw Refusal(error) }
    return holdings
  }

  private func consents(_ subject: SubjectID) async throws(Refusal) -> [Consent] {
    do throws(StoreFailure) {
      var found: [Consent] = []
      for stored in try await issuer.store.list(
        .indexed(.consent, index: "subject", value: subject.value, after: nil, limit: 200))
      {
        let consent = try stored.decode(Consent.self)
        if consent.closedAt == nil { found.append(consent.record) }
      }
      return found
    } catch { throw Refusal(error) }
  }

  /// What the API calls them, or their identifiers where it cannot be asked.
  private func titles(_ details: [AuthorizationDetail], _ subject: SubjectID) async throws(Refusal) -> [String] {
    guard !details.isEmpty, let directory = issuer.directory else { return [] }
    var named: [AuthorizationDetail: String] = [:]
    for api in issuer.apis where api.resources != nil {
      for offered in (try? await directory.resources(of: subject, at: api)) ?? [] {
        named[offered.detail] = offered.title
      }
    }
    return details.map { named[$0] ?? $0.identifier }
  }

  private func withdraw(_ subject: SubjectID, _ client: ClientID, _ trace: TraceID) async throws(Refusal) {
    do throws(StoreFailure) {
      issuer.snapshot.applyLocally(
        try await Withdrawal.access(
          of: subject, to: client, by: .person, trace: trace, in: issuer.store, now: Clock.now))
      // What others closed a moment ago is over here, too, once the person reads that it is.
      try await issuer.snapshot.catchUp(issuer.store)
    } catch { throw Refusal(error) }
  }
}
