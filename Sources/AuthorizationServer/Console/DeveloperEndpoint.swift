import Catalogue
import HTTPTypes
import OAuth
import Pages
import Storage
import StrictJSON
import Vocabulary

/// `/developer`: the refusals of the clients a person develops, by code and route, with what mends them; and
/// `/developer/traces/{trace}`: one of them. Here "already rotated" may be said, which on the wire would help a thief.
/// Other people's networks, other clients and whom a token spoke for are not told; a foreign trace, an unknown one and
/// a missing session answer alike.
struct DeveloperEndpoint {
  let issuer: Issuer

  /// How many records are read for one page, over all clients of the person; and of each client at least.
  private static let read = 1_000
  private static let readOfEach = 50

  func respond(to request: IncomingRequest, path: [String]) async -> OutgoingAnswer {
    let pages = PageAnswer(issuer, request)
    do throws(Refusal) {
      guard request.method == "GET" || request.method == "HEAD" else {
        throw .request(.methodNotAllowed(seen: Excerpt(request.method), allowed: ["GET", "HEAD"]))
      }
      let user = try await Sessions(issuer: issuer).user(pages.cookie)
      switch path {
      case [], [""]:
        guard let user else { return pages.redirect("/login") }
        return try await overview(user, request)
      case ["traces", path.last ?? ""]:
        guard let user else { throw .documentation(.traceUnknown) }
        return try trace(path.last ?? "", user, request)
      default: throw .route(.unknown(path: Excerpt(request.target.path), nearest: "/developer"))
      }
    } catch { return pages.refuse(error) }
  }

  private func trace(_ name: String, _ user: User, _ request: IncomingRequest) throws(Refusal) -> OutgoingAnswer {
    guard let trace = TraceID(name), !user.develops.isEmpty,
      let body = try? issuer.journal.sink.find(trace: trace.description, ofClients: user.develops.map(\.value)),
      let record = try? JSON(parsing: body), let view = DeveloperView(record, asked: trace, develops: user.develops)
    else { throw .documentation(.traceUnknown) }
    if request.headers[.accept]?.contains("application/json") == true { return .json(view.json.indentedBytes) }
    return .privatePage(
      title: view.code, view.markdown, issuer.style, trail: [.init("Your clients' refusals", "/developer")])
  }

  private func overview(_ user: User, _ request: IncomingRequest) async throws(Refusal) -> OutgoingAnswer {
    var tallies: [RefusalTally] = []
    for client in user.develops {
      let bodies: [[UInt8]]
      let claimed: Int64
      do throws(StoreFailure) {
        let limit = max(Self.readOfEach, Self.read / user.develops.count)
        bodies = try issuer.journal.sink.recent(limit: limit, provenOf: client.value)
        claimed = try issuer.journal.sink.claimed(of: client.value)
      } catch { throw Refusal(error) }
      tallies.append(
        RefusalTally(
          client, name: issuer.snapshot.client(client)?.name.description ?? client.value,
          records: bodies.compactMap { try? JSON(parsing: $0) }, claimed: claimed))
      // Others get their turn between two clients.
      await Task.yield()
    }
    if request.headers[.accept]?.contains("application/json") == true {
      return .json(JSON.object([.init("clients", .array(tallies.map(\.json)))]).indentedBytes)
    }
    let text =
      tallies.isEmpty
      ? "No client is yours to look after. An operator assigns one: `doorward user develops \(OperatorEndpoint.plain(user.username.description)) CLIENT_ID`."
      : tallies.map(\.markdown).joined(separator: "\n\n")
    return .privatePage(title: "Your clients' refusals", text, issuer.style, trail: [])
  }
}
