import Catalogue
import Dialects
import HTTPTypes
import JOSE
import OAuth
import Storage
import StrictJSON
import Synchronization
import Vocabulary

/// `/_test/clock`, `/_test/storage`, `/_test/revoke`, `/_test/rotate`: the state of the world that refusals come of,
/// changed on purpose. In test mode, for a client with its secret; to everybody else there is nothing here, in the
/// words of any address that is not served.
struct StateEndpoints {
  let issuer: Issuer

  func respond(to request: IncomingRequest, _ name: String) async throws(Refusal) -> OutgoingAnswer {
    let nothing = Refusal.route(.unknown(path: Excerpt(request.target.path), nearest: nil))
    guard issuer.isTestMode else {
      if Self.names.contains(name) { issuer.provoker.note(.provocationOnLive("a state endpoint"), request, .token) }
      throw nothing
    }
    guard Self.names.contains(name) else { throw nothing }
    guard request.method == "POST", let form = authenticated(request) else {
      issuer.provoker.note(.provocationUnproven("at a state endpoint"), request, .token)
      throw nothing
    }
    switch name {
    case "clock": return try clock(form)
    case "storage": return try storage(form)
    case "revoke": return try await revoke(form, request)
    default: return try await rotate(form)
    }
  }

  private static let names: Set<String> = ["clock", "storage", "revoke", "rotate"]

  /// The form of a confidential client that has proven itself. From memory: the store may be switched off.
  private func authenticated(_ request: IncomingRequest) -> Form? {
    var trail = Trail()
    do throws(Refusal) {
      let form = try RequestBody.form(request, allowed: [.form], trail: &trail)
      let credentials = try ClientCredentials(authorization: request.values(.authorization), form: form)
      let client = try ClientAuthentication.verify(
        credentials, client: credentials.client.flatMap(issuer.snapshot.client), now: Clock.now, trail: &trail)
      return client.isPublic ? nil : form
    } catch { return nil }
  }

  private func invalid(_ name: String, _ expected: String) -> Refusal {
    .request(.tokenParameterInvalid(ParameterName(name), expected: Excerpt(expected)))
  }

  /// `offset=+2h`, `offset=-90s`, `offset=0`: aside of the machine's clock, for the whole process. At most ten years.
  private func clock(_ form: Form) throws(Refusal) -> OutgoingAnswer {
    guard let text = form["offset"] else { throw .request(.tokenParameterMissing("offset")) }
    let sign: Int64 = text.hasPrefix("-") ? -1 : 1
    let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
    guard let by = Lifetime(parsing: digits), by <= Lifetime(clamping: 3650 * 86_400) else {
      throw invalid("offset", "+2h, -90s or 0; at most ten years")
    }
    Clock.offset.store(sign * by.milliseconds, ordering: .relaxed)
    return answer(["now": .string(Clock.now.description), "offset_seconds": .integer(sign * by.seconds)])
  }

  /// `state=unavailable|read_only|full|ok`, `seconds=10`: after which it works again.
  private func storage(_ form: Form) throws(Refusal) -> OutgoingAnswer {
    guard let store = (issuer.store as? TimedStore)?.base as? FaultyStore else {
      throw .service(.fault("the store cannot be switched"))
    }
    guard let text = form["state"] else { throw .request(.tokenParameterMissing("state")) }
    let fault = FaultyStore.Fault(rawValue: text)
    guard fault != nil || text == "ok" else { throw invalid("state", "unavailable, read_only, full or ok") }
    guard let seconds = Int(form["seconds"] ?? "10"), (1...300).contains(seconds) else {
      throw invalid("seconds", "1 to 300")
    }
    store.fail(fault, seconds: seconds)
    return answer(["state": .string(text), "seconds": .integer(fault == nil ? 0 : Int64(seconds))])
  }

  /// `token=…`: as the operator's `token revoke` does; an unknown one is told to be so.
  private func revoke(_ form: Form, _ request: IncomingRequest) async throws(Refusal) -> OutgoingAnswer {
    guard let token = form["token"] else { throw .request(.tokenParameterMissing("token")) }
    let now = Clock.now
    let changes: [Change]
    switch try await TokenInspection(issuer: issuer).find(Secret(token), now: now) {
    case .access(let facts), .refusedAccess(_, .some(let facts)):
      changes = Withdrawal.token(facts, by: .operator, now: now, trace: request.trace)
    case .refresh(_, let family), .refusedRefresh(_, let family):
      changes = Withdrawal.grant(
        family.record.grant, by: .operator, until: family.record.expiresAt, now: now, trace: request.trace)
    case .refusedAccess, .unknown: return answer(["revoked": false])
    }
    do throws(StoreFailure) { _ = try await issuer.store.commit(Batch(changes)) } catch { throw Refusal(error) }
    issuer.snapshot.applyLocally(changes)
    return answer(["revoked": true])
  }

  /// Every algorithm in use gets a new key; `old=withdrawn` ends the old keys at once, so that their tokens are refused.
  private func rotate(_ form: Form) async throws(Refusal) -> OutgoingAnswer {
    let isWithdrawn = form["old"] == "withdrawn"
    guard form["old"] == nil || isWithdrawn || form["old"] == "published" else {
      throw invalid("old", "published or withdrawn")
    }
    let now = Clock.now
    let active = issuer.snapshot.keys.records.filter { $0.state(at: now) == .active }
    var made: [JSON] = []
    do {
      for name in Set(active.map(\.algorithm.description)).sorted() {
        guard let algorithm = Algorithm(rawValue: name),
          let rotated = try await KeyLifecycle.rotate(
            algorithm, longestLifetime: Lifetime(clamping: isWithdrawn ? 0 : 86_400), store: issuer.store,
            keyFile: issuer.snapshot.keyFile, now: now)
        else { continue }
        made.append(["kid": .string(rotated.made.id.value), "alg": .string(name)])
      }
      _ = try await issuer.snapshot.catchUp(issuer.store)
    } catch let failure as StoreFailure { throw Refusal(failure) } catch {
      throw .service(.fault("the keys could not be rotated"))
    }
    return answer(["keys": .array(made)])
  }

  private func answer(_ json: JSON) -> OutgoingAnswer { .json(json.bytes) }
}
