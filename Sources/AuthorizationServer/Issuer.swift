public import Catalogue
public import Dialects
import HTTPTypes
public import OAuth
public import Pages
public import Storage
import Synchronization
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
  public let site: DocumentationSite
  public var topics: TopicTree { site.topics }
  public var version: String { site.version }
  /// What stands at `/`: Markdown that its author vouches for.
  public let frontPage: String
  /// Where people's things are asked for; `nil` when no API has any.
  public let directory: (any ResourceDirectory)?
  /// With it, magic accounts and parameters provoke refusals; never set by `serve`.
  public let isTestMode: Bool
  /// Whether other nodes issue tokens too: then the store tells of what they do.
  let isOneOfSeveral: Bool
  public let style: PageStyle
  /// Under which form tokens are made; derived from the key file, so that it survives a restart.
  let formKey: [UInt8]
  /// What clients call people.
  public let subjects: SubjectNaming
  /// What became of the notices that people signed out.
  public let logoutCounts = LogoutCounts()
  public let unanswered = UnansweredExchanges()
  /// How many keys this process has rotated by itself.
  let keyRotations = Atomic<Int>(0)
  let throttle = SignInThrottle()
  /// Of the tokens that were asked about.
  let inspected = VerifiedTokens()
  public let requests = RequestCounts()
  /// How long commits took.
  let commits = Durations()
  /// In seconds since 1970.
  let startedAt = Clock.now.secondsSince1970
  let passwords = PasswordWork()

  public init(
    url: String, store: any Store, snapshot: Snapshot, journal: Journal, apis: [ProtectedAPI], contract: Contract,
    site: DocumentationSite, frontPage: String = FrontPage.standard,
    formKey: [UInt8] = [], subjects: SubjectNaming, directory: (any ResourceDirectory)? = nil, isTestMode: Bool = false,
    style: PageStyle = .standard
  ) {
    self.url = url
    self.store = TimedStore(base: store, commits: commits)
    self.snapshot = snapshot
    self.journal = journal
    self.apis = apis
    self.contract = contract
    self.site = site
    self.frontPage = frontPage
    self.formKey = formKey
    self.subjects = subjects
    self.directory = directory
    self.isTestMode = isTestMode
    isOneOfSeveral = store.announcements() != nil
    self.style = style
  }

  /// With the documentation of what it serves.
  public convenience init(
    url: String, store: any Store, snapshot: Snapshot, journal: Journal, apis: [ProtectedAPI], contract: Contract,
    topics: @autoclosure @escaping @Sendable () -> TopicTree, version: String, frontPage: String = FrontPage.standard,
    formKey: [UInt8] = [], subjects: SubjectNaming, directory: (any ResourceDirectory)? = nil, isTestMode: Bool = false,
    style: PageStyle = .standard
  ) {
    self.init(
      url: url, store: store, snapshot: snapshot, journal: journal, apis: apis, contract: contract,
      site: DocumentationSite(
        url: url, contracts: [contract], apis: apis, topics: topics(), version: version, style: style),
      frontPage: frontPage, formKey: formKey, subjects: subjects, directory: directory, isTestMode: isTestMode,
      style: style)
  }

  /// The APIs that could take a token of a contract: those that want the same form and algorithm.
  func audiences(of contract: Contract) -> [TokenFacts.API] {
    apis.filter { api in
      let rule = api.contract.accessToken
      return rule.form == contract.accessToken.form
        && (rule.form != .jwt || rule.algorithm == contract.accessToken.algorithm)
    }.map { TokenFacts.API(audience: $0.audience, scopes: $0.scopes) }
  }

  /// A client by its name. One that is not known yet may have been registered a moment ago by another process.
  func client(_ id: ClientID?) async throws(Refusal) -> Client? {
    guard let id else { return nil }
    if let known = snapshot.client(id) { return known }
    do throws(StoreFailure) { try await snapshot.catchUp(store) } catch { throw Refusal(error) }
    return snapshot.client(id)
  }

  /// What a client calls a person; `nil` for a client that is gone.
  func name(of account: SubjectID, for client: ClientID) -> SubjectID? {
    snapshot.client(client).map { subjects.name(of: account, for: $0) }
  }

  /// How people prove themselves here.
  var authenticationContext: AuthenticationContext { .password(encrypted: isSecure) }

  public var isSecure: Bool { url.hasPrefix("https://") }

  /// The host of the issuer identifier, as `IncomingRequest.host` has it.
  public var host: String {
    IncomingRequest.hostName(
      url.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first.map(String.init) ?? "")
  }

  /// The path of the issuer identifier, in segments: everything is served below it.
  public var path: [String] {
    url.split(separator: "/", omittingEmptySubsequences: true).dropFirst(2).map(String.init)
  }

  /// The one way to answer 4xx or 5xx: words the refusal, and records it.
  public func refuse(
    _ refusal: Refusal, trail: Trail = Trail(), _ request: IncomingRequest, contract: Contract? = nil, place: Place,
    route: String? = nil, path: String? = nil, realm: String? = nil, client: ClientID? = nil,
    resourceMetadata: String? = nil, kind: Occasion.Kind = .other, isProvoked: Bool = false
  ) -> OutgoingAnswer {
    if isProvoked, refusal.isBeforeMounting, place != .api || contract != nil {
      // As the front door words it, which knows no API and no path yet.
      var early = IncomingRequest(
        method: request.method, target: .root, headers: request.headers, host: request.host, peer: request.peer,
        trace: request.trace)
      early.forwardedFor = request.forwardedFor
      return refuse(refusal, trail: trail, early, place: .api, isProvoked: true)
    }
    let contract = contract ?? self.contract
    let presented = if case .bearer(let bearer) = refusal { bearer.credentialPresented } else { true }
    let wire = contract.render(
      refusal.disclosed(
        credentialPresented: presented,
        authorizationHeaderUsed: request.headers[.authorization]?.isEmpty == false && !(isProvoked && refusal.isAbsence)
      ),
      at: place,
      RenderingContext(
        trace: request.trace, path: path ?? request.target.path, realm: realm ?? "doorward", issuer: url,
        resourceMetadata: resourceMetadata))
    var entry = JournalEntry(
      trace: request.trace, time: Clock.now, refusal: refusal, trail: trail, method: request.method,
      route: route ?? request.target.path, contract: contract.name, place: place, client: client, answer: wire,
      occasion: Occasion(request, kind))
    entry.isProvoked = isProvoked
    let registered = client.flatMap(snapshot.client)
    entry.isClientRegistered = registered != nil
    entry.isClientPublic = registered?.isPublic ?? false
    journal.record(entry)
    var answer = OutgoingAnswer(
      status: wire.status, headers: wire.headers.map { ($0.name, $0.value) }, body: wire.body)
    answer.markProvoked(isProvoked, refusal)
    return answer
  }
}

extension OutgoingAnswer {
  /// Says that it was asked for, or why it cannot be had.
  mutating func markProvoked(_ isProvoked: Bool, _ refusal: Refusal) {
    if isProvoked { headers.append(Provoker.mark) }
    if case .request(.provocationUnusable(let problem)) = refusal {
      headers.append((Provoker.problemHeaderName, "\(problem)"))
    }
  }
}

extension Refusal {
  /// No client authentication was sent, though whoever provokes it had to send one.
  fileprivate var isAbsence: Bool {
    if case .client(.absent) = self { return true }
    return false
  }

  /// A failing store is our fault: 503, nothing consumed, never `invalid_grant`.
  public init(_ failure: StoreFailure) {
    switch failure {
    case .unavailable(let what): self = .service(.storageUnavailable(Self.brief(what)))
    case .readOnly(let what): self = .service(.storageReadOnly(Self.brief(what)))
    case .full(let what): self = .service(.storageFull(Self.brief(what)))
    case .damaged(let what): self = .service(.storageDamaged(Self.brief(what)))
    }
  }

  /// Where it would be cut, the file goes without its folders: what is wrong with it stands after them.
  private static func brief(_ what: String) -> Excerpt {
    guard what.unicodeScalars.count > 80, what.hasPrefix("/"),
      let end = what.firstIndex(of: ":") ?? what.firstIndex(of: " "), let slash = what[..<end].lastIndex(of: "/")
    else { return Excerpt(what) }
    return Excerpt("..." + what[slash...])
  }
}
