public import Catalogue
import Dialects
public import HTTPTypes
public import OAuth
public import Vocabulary

/// Refusals on purpose, so that a client can be tried: in test mode only, for proven callers only. What is injected is
/// the cause, with its facts, at the point where a real one would be thrown; wording and recording are the usual ones.
public struct Provoker: Sendable {
  let issuer: Issuer

  public init(issuer: Issuer) { self.issuer = issuer }

  /// `Provoke-Refusal: CODE[;reason=REASON]`.
  public static let headerName = "Provoke-Refusal"
  /// On an answer that was provoked.
  public static let mark = (name: "Provoked", value: "true")
  /// On an answer to a provocation that cannot be had: what would be right.
  public static let problemHeaderName = "Provoke-Problem"

  private static let header = HTTPField.Name(headerName)

  public static func isAsked(_ headers: HTTPFields) -> Bool { header.map { headers.contains($0) } ?? false }

  /// Throws what a proven caller asks for; does nothing when nothing is asked for, or on a live server.
  func honour(
    _ request: IncomingRequest, isProvoked: inout Bool, _ facts: () -> ProvocationFacts
  ) throws(Refusal) {
    guard issuer.isTestMode, Self.isAsked(request.headers), let header = Self.header else { return }
    let facts = facts()
    let refusal: Refusal
    do throws(Unusable) {
      guard request.values(header).count == 1, let text = request.headers[header] else {
        throw Unusable("the header was sent more than once")
      }
      refusal = try Self.refusal(text, facts)
    } catch { throw .request(.provocationUnusable(error.words)) }
    isProvoked = true
    throw refusal
  }

  /// Why a provocation cannot be had, and what would be right: our own words only, since they go into a header, and
  /// few enough not to be cut.
  struct Unusable: Error {
    let words: Excerpt

    init(_ words: String) { self.words = Excerpt(words) }
  }

  /// Reads `CODE` or `CODE;reason=REASON`, in any spelling that `explain` reads.
  static func refusal(_ text: String, _ facts: ProvocationFacts) throws(Unusable) -> Refusal {
    let parts = text.split(separator: ";", omittingEmptySubsequences: false).map { String($0).trimmed }
    guard let code = Code(spelled: parts[0]) else {
      let near = Spelling.nearest(to: parts[0], among: Code.allCases.map(\.rawValue))
      throw Unusable("no such code" + (near.map { "; perhaps \($0)" } ?? "; see doorward catalogue list"))
    }
    var reasons = Reason.all.filter { $0.code == code }
    if parts.count > 1 {
      guard parts.count == 2, parts[1].lowercased().hasPrefix("reason=") else {
        throw Unusable("after the code may follow ;reason=REASON and nothing else")
      }
      let asked = String(parts[1].dropFirst(7))
      guard let reason = Reason(spelled: asked), reason.code == code else {
        let near = Spelling.nearest(to: asked, among: reasons.map(\.name)) ?? reasons.first?.name ?? ""
        throw Unusable("not its reason; perhaps \(near)")
      }
      reasons = [reason]
    }
    guard facts.admits(code) else {
      let isSilent = code.entry.status < 400 && code.entry.places == [.token]
      throw Unusable(
        "it occurs "
          + (isSilent ? "at introspection or revocation" : code.entry.places.map(words).joined(separator: ", ")))
    }
    for reason in reasons {
      if let refusal = Refusal.provoked(reason, facts) { return refusal }
    }
    if code == .scopeInsufficient { throw Unusable("this route asks for no scope; take one that does") }
    throw Unusable("that reason does not occur \(facts.place)")
  }

  private static func words(_ place: Place) -> String {
    switch place {
    case .api: "at an API"
    case .token: "at the token endpoint"
    case .authorization: "at the authorization endpoint"
    case .page: "on a page"
    case .documentation: "in the documentation"
    case .terminal: "at the terminal"
    }
  }

  // MARK: Magic values

  private static let magicPrefix = "test_"

  /// Whether a credential is a magic value: `test_` and a reason's name.
  static func reason(ofMagic text: String) -> Reason? {
    guard text.hasPrefix(magicPrefix) else { return nil }
    return Reason(spelled: text.dropFirst(magicPrefix.utf8.count))
  }

  /// Throws what a magic credential stands for. On a live server it is a credential like any other, and recorded.
  func honour(
    magic text: String, _ request: IncomingRequest, _ place: Place, isProvoked: inout Bool,
    _ facts: () -> ProvocationFacts
  ) throws(Refusal) {
    guard let reason = Self.reason(ofMagic: text) else { return }
    guard issuer.isTestMode else {
      return note(.provocationOnLive("a magic value"), request, place)
    }
    guard let refusal = Refusal.provoked(reason, facts()) else { return }
    isProvoked = true
    throw refusal
  }

  // MARK: What did nothing

  /// Records the header on a live server, whatever the request is. Called once for each request, before it is judged,
  /// so that a refusal's own record comes later and is the one its trace leads to.
  public func noteOnLive(_ request: IncomingRequest) {
    guard !issuer.isTestMode, Self.isAsked(request.headers) else { return }
    note(.provocationOnLive("the header Provoke-Refusal"), request, .api)
  }

  /// Records the header in test mode, where the caller was not proven.
  /// - Parameter refused: why; a provocation that cannot be had was asked for by a proven caller.
  public func noteUnproven(_ request: IncomingRequest, refused: Refusal? = nil, _ place: Place) {
    guard issuer.isTestMode, Self.isAsked(request.headers) else { return }
    if case .request(.provocationUnusable)? = refused { return }
    let words: Excerpt =
      switch place {
      case .api: "in front of the API"
      case .token: "at the endpoint for clients"
      case .authorization, .page: "at the authorization endpoint"
      case .documentation, .terminal: "here"
      }
    note(.provocationUnproven(words), request, place)
  }

  func note(_ refusal: SilentRefusal, _ request: IncomingRequest, _ place: Place) {
    issuer.journal.record(
      JournalEntry(
        trace: request.trace, time: Clock.now, refusal: .silent(refusal), trail: Trail(), method: request.method,
        route: request.target.path, contract: issuer.contract.name, place: place, answer: nil,
        occasion: Occasion(request, .other)))
  }
}

extension Issuer {
  public var provoker: Provoker { Provoker(issuer: self) }

  /// What a caller of an API asks for, who has proven itself by token or secret.
  public func provoke(
    _ request: IncomingRequest, at api: ProtectedAPI, _ target: RequestTarget, _ route: Route?, client: ClientID,
    token: AccessTokenFacts?, _ isProvoked: inout Bool
  ) throws(Refusal) {
    try provoker.honour(request, isProvoked: &isProvoked) { facts(request, api, target, route, client, token) }
  }

  /// What the token itself stands for, if it is a magic one.
  public func provoke(
    magic token: Secret, _ request: IncomingRequest, at api: ProtectedAPI, _ target: RequestTarget, _ route: Route?,
    _ isProvoked: inout Bool
  ) throws(Refusal) {
    try provoker.honour(magic: token.reveal(), request, .api, isProvoked: &isProvoked) {
      facts(request, api, target, route, ClientID("test"), nil)
    }
  }

  private func facts(
    _ request: IncomingRequest, _ api: ProtectedAPI, _ target: RequestTarget, _ route: Route?, _ client: ClientID,
    _ token: AccessTokenFacts?
  ) -> ProvocationFacts {
    var facts = ProvocationFacts(.api, api.contract, client: client)
    facts.api = api
    facts.route = route
    facts.target = target
    facts.methods = Set(api.routes.filter { $0.match(target.segments) != nil }.flatMap(\.methods)).sorted()
    facts.method = request.method
    facts.token = token
    return facts
  }
}
