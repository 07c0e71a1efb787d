import Catalogue
import Dialects
import OAuth
import Testing
import Vocabulary

@Suite("Smartcar Connect: re-authentication (contracts.md 1.2)")
struct ReauthenticationTests {
  static let now = Instant(secondsSince1970: 1_800_000_000)

  static func session(until end: Instant = now + Lifetime(clamping: 60)) -> Session {
    Session(digest: .zero, subject: SubjectID("s"), username: "ada", authenticatedAt: now, expiresAt: end)
  }

  static func demand(
    _ changes: [String: String?] = [:], grants: [GrantType] = [.authorizationCode]
  ) throws -> ReauthenticationDemand {
    let contract = try #require(Contract.bundled("smartcar-v2"))
    let rule = try #require(contract.authorization)
    let client = Client(
      id: ClientID("c"), name: "c", secrets: [], methods: [.basic], grants: grants, scopes: .none,
      redirectURIs: [try RedirectURI("https://a.example/cb")], createdAt: now)
    var parameters: [String: String?] = [
      "response_type": "vehicle_id", "client_id": "c", "vehicle_id": "v", "redirect_uri": "https://a.example/cb",
    ]
    for (name, value) in changes { parameters[name] = value }
    let form = Form(parameters.sorted { $0.key < $1.key }.compactMap { name, value in value.map { (name, $0) } })
    let proven = try AuthorizationRequest(contract: contract, rule: rule, form: form).prove(client: client)
    return try ReauthenticationDemand(proven, try #require(rule.reauthentication))
  }

  static func step(
    _ session: Session?, signedIn: Bool = true, holds: Bool = true, _ answer: ReauthenticationAnswer? = nil
  ) throws -> Result<ReauthenticationStep, Refusal> {
    let decision = Reauthenticate.decide(
      try demand(),
      ReauthenticationFacts(session: session, signedInForThis: signedIn, holdsResource: holds, answer: answer), now: now
    )
    #expect(decision.changes.isEmpty)
    return decision.outcome
  }

  @Test func `nobody gets on without having signed in for it, whatever they answer`() throws {
    for answer in [nil, ReauthenticationAnswer.confirm] {
      #expect(try Self.step(nil, answer).get() == .signIn)
      #expect(try Self.step(Self.session(), signedIn: false, answer).get() == .signIn)
      #expect(try Self.step(Self.session(until: Self.now), answer).get() == .signIn)
    }
  }

  @Test func `a thing of theirs is asked about, and confirmed by the answer only`() throws {
    #expect(try Self.step(Self.session()).get() == .askConfirmation)
    #expect(try Self.step(Self.session(), .confirm).get() == .confirmed)
  }

  @Test func `a thing that is not theirs is refused, before and after the answer`() throws {
    for answer in [nil, ReauthenticationAnswer.confirm] {
      guard case .failure(let refusal) = try Self.step(Self.session(), holds: false, answer) else {
        Issue.record("it was not refused")
        continue
      }
      #expect(refusal.code == .resourceAbsent)
    }
  }

  @Test func `whoever wants to leave may, signed in or not`() throws {
    for session in [nil, Self.session()] {
      guard case .failure(let refusal) = try Self.step(session, signedIn: false, .leave) else {
        Issue.record("they stayed")
        continue
      }
      #expect(refusal.code == .consentAbandoned)
    }
  }

  private static let faults: [(String, String?, Code)] = [
    ("response_type", "code", Code.responseTypeUnsupported), ("response_type", nil, .authorizationRequestInvalid),
    ("vehicle_id", nil, .authorizationRequestInvalid), ("vehicle_id", "", .authorizationRequestInvalid),
    ("vehicle_id", String(repeating: "x", count: 201), .authorizationRequestInvalid),
    ("state", String(repeating: "x", count: 4097), .authorizationRequestInvalid),
    ("request", "x", .requestObjectUnsupported), ("request_uri", "x", .requestURIUnsupported),
  ]

  @Test(arguments: faults)
  func `what cannot be answered is refused by its code`(_ name: String, _ value: String?, _ code: Code) throws {
    do {
      _ = try Self.demand([name: value])
      Issue.record("it was taken")
    } catch let refusal as Refusal { #expect(refusal.code == code) }
  }

  @Test func `a client without the code grant is not served`() throws {
    do {
      _ = try Self.demand(grants: [.clientCredentials])
      Issue.record("it was taken")
    } catch let refusal as Refusal { #expect(refusal.code == .authorizationClientNotAllowed) }
  }
}
