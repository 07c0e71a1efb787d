public import Catalogue
public import Dialects
import HTTPTypes
public import OAuth
public import Storage
public import Vocabulary

/// The authorization server, built from configuration; nothing in it is optional at run time.
///
/// A class, since every endpoint holds it, and copying so many members costs more than a decision does.
public final class Issuer: Sendable {
  /// The issuer identifier (RFC 8414 §2), without a trailing slash.
  public let url: String
  public let store: any Store
  public let snapshot: Snapshot
  public let journal: Journal
  public let apis: [ProtectedAPI]
  /// The contract of the issuer's own endpoints.
  public let contract: Contract
  public let topics: TopicTree
  public let version: String
  /// What stands at `/`: Markdown that its author vouches for.
  public let frontPage: String

  public init(
    url: String, store: any Store, snapshot: Snapshot, journal: Journal, apis: [ProtectedAPI], contract: Contract,
    topics: TopicTree, version: String, frontPage: String = FrontPage.standard
  ) {
    self.url = url
    self.store = store
    self.snapshot = snapshot
    self.journal = journal
    self.apis = apis
    self.contract = contract
    self.topics = topics
    self.version = version
    self.frontPage = frontPage
  }

  /// The path of the issuer identifier, in segments: everything is served below it.
  public var path: [String] {
    url.split(separator: "/", omittingEmptySubsequences: true).dropFirst(2).map(String.init)
  }

  /// The one way to answer 4xx or 5xx: words the refusal, and records it.
  public func refuse(
    _ refusal: Refusal, trail: Trail = Trail(), _ request: IncomingRequest, contract: Contract? = nil, place: Place,
    route: String? = nil, path: String? = nil, realm: String? = nil, client: ClientID? = nil,
    resourceMetadata: String? = nil
  ) -> OutgoingAnswer {
    let contract = contract ?? self.contract
    let presented = if case .bearer(let bearer) = refusal { bearer.credentialPresented } else { true }
    let wire = contract.render(
      refusal.disclosed(
        credentialPresented: presented, authorizationHeaderUsed: request.headers[.authorization]?.isEmpty == false),
      at: place,
      RenderingContext(
        trace: request.trace, path: path ?? request.target.path, realm: realm ?? "doorward", issuer: url,
        resourceMetadata: resourceMetadata))
    journal.record(
      JournalEntry(
        trace: request.trace, time: Clock.now, refusal: refusal, trail: trail, method: request.method,
        route: route ?? request.target.path, contract: contract.name, place: place, client: client, answer: wire))
    return OutgoingAnswer(status: wire.status, headers: wire.headers.map { ($0.name, $0.value) }, body: wire.body)
  }
}

extension Refusal {
  /// A failing store is our fault: 503, nothing consumed, never `invalid_grant`.
  public init(_ failure: StoreFailure) {
    switch failure {
    case .unavailable(let what): self = .service(.storageUnavailable(Excerpt(what)))
    case .readOnly(let what): self = .service(.storageReadOnly(Excerpt(what)))
    case .full(let what): self = .service(.storageFull(Excerpt(what)))
    case .damaged(let what): self = .service(.storageDamaged(Excerpt(what)))
    }
  }
}
