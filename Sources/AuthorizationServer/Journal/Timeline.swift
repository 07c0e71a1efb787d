import OAuth
import Storage
import StrictJSON
import Vocabulary

/// What happened to a grant, from the store: issued, exchanged, rotated, used, revoked; when, by whom, and which trace.
struct Timeline {
  let issuer: Issuer

  func of(grant id: GrantID?, family: FamilyID?, token: TokenID? = nil) async -> [JSON] {
    var events: [(Instant, JSON)] = []
    func add(_ at: Instant, _ what: String, client: ClientID?, trace: TraceID? = nil, more: [JSON.Member] = []) {
      var members: [JSON.Member] = [.init("at", .string(at.description)), .init("event", .string(what))]
      if let client { members.append(.init("client", .string(client.value))) }
      if let trace { members.append(.init("trace", .string(trace.description))) }
      events.append((at, .object(members + more)))
    }
    if let id, let grant = try? await issuer.store.read(Grant.self, id.value) {
      add(grant.record.createdAt, "granted", client: grant.record.client, trace: grant.record.trace)
      if let at = grant.closedAt {
        let by = try? await issuer.store.read(Revocation.self, id.value)?.record
        // Whoever closes a grant leaves a note of it, but for the end of the session that it was given in.
        add(
          at, "grant closed", client: nil, trace: by?.trace,
          more: [.init("by", .string(by?.by.rawValue ?? "end of the session"))])
      }
    }
    if let token, let revoked = try? await issuer.store.read(Revocation.self, token.value)?.record {
      add(
        revoked.at, "access token revoked", client: nil, trace: revoked.trace,
        more: [.init("by", .string(revoked.by.rawValue))])
    }
    if let family, let found = try? await issuer.store.read(TokenFamily.self, family.value) {
      let record = found.record
      add(record.createdAt, "refresh tokens issued", client: record.client, trace: record.openedBy)
      if record.generation > 1 {
        add(
          record.rotatedAt, "rotated", client: record.client, trace: record.rotatedBy,
          more: [.init("generation", .integer(record.generation))])
      }
      if let at = found.closedAt { add(at, "family closed", client: nil) }
      add(record.expiresAt, record.expiresAt <= Clock.now ? "expired" : "expires", client: nil)
    }
    return events.sorted { $0.0 < $1.0 }.map(\.1)
  }
}
