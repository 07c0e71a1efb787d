public import Catalogue
public import Dialects
public import Vocabulary

/// What a proven re-authentication request asks for, judged. Smartcar Connect: `response_type=vehicle_id`, `vehicle_id`.
public struct ReauthenticationDemand: Sendable {
  public let proven: ProvenRequest
  /// The thing that is to be confirmed, as the application names it.
  public let resource: String

  /// Refusals from here on are sent to the application (RFC 6749 §4.1.2.1).
  public init(_ proven: ProvenRequest, _ rule: ReauthenticationRule) throws(Refusal) {
    let form = proven.request.form
    try Self.once(form)
    try Self.readable(form)
    try Self.responseType(form, rule)
    try Self.grant(proven.client)
    self.proven = proven
    resource = try Self.resource(form, rule)
    try Self.state(form)
  }

  static func once(_ form: Form) throws(Refusal) {
    if let name = form.repeatedName(except: []) { throw .authorization(.parameterRepeated(ParameterName(name))) }
  }

  static func readable(_ form: Form) throws(Refusal) {
    if form["request"] != nil { throw .authorization(.requestObjectSent) }
    if form["request_uri"] != nil { throw .authorization(.requestURISent) }
  }

  static func responseType(_ form: Form, _ rule: ReauthenticationRule) throws(Refusal) {
    guard let type = form["response_type"] else { throw .authorization(.parameterMissing("response_type")) }
    guard rule.responseTypes.contains(type) else {
      throw .authorization(.responseTypeUnknown(Excerpt(type), offered: rule.responseTypes.map { Excerpt($0) }))
    }
  }

  static func grant(_ client: Client) throws(Refusal) {
    guard client.grants.contains(.authorizationCode) else {
      throw .authorization(.grantNotRegistered(client: client.id, registered: client.grants))
    }
  }

  static func resource(_ form: Form, _ rule: ReauthenticationRule) throws(Refusal) -> String {
    let parameter = ParameterName(rule.resourceParameter)
    guard let resource = form[rule.resourceParameter] else { throw .authorization(.parameterMissing(parameter)) }
    guard resource.utf8.count <= 200 else {
      throw .authorization(.parameterInvalid(parameter, expected: "at most 200 bytes"))
    }
    return resource
  }

  static func state(_ form: Form) throws(Refusal) {
    if let state = form["state"], state.utf8.count > 4096 {
      throw .authorization(.parameterInvalid("state", expected: "at most 4096 bytes"))
    }
  }
}

/// What must be known of the person to decide.
public struct ReauthenticationFacts: Sendable {
  public let session: Session?
  /// Whether they signed in for this very request; a session from before is not enough.
  public let signedInForThis: Bool
  /// Whether their account has the thing.
  public let holdsResource: Bool
  /// What they answered on the page; `nil` when they have not been asked.
  public let answer: ReauthenticationAnswer?

  public init(session: Session?, signedInForThis: Bool, holdsResource: Bool, answer: ReauthenticationAnswer? = nil) {
    self.session = session
    self.signedInForThis = signedInForThis
    self.holdsResource = holdsResource
    self.answer = answer
  }
}

public enum ReauthenticationAnswer: Sendable {
  case confirm, leave
}

/// What happens next.
public enum ReauthenticationStep: Equatable, Sendable {
  case signIn
  case askConfirmation
  case confirmed
}

/// Re-authentication, once client and address are proven. Nothing is granted and nothing changes:
///
///     signed in for this request · the thing is theirs · confirmed
public enum Reauthenticate {
  public static func decide(
    _ demand: ReauthenticationDemand, _ facts: ReauthenticationFacts, now: Instant
  ) -> Decision<ReauthenticationStep> {
    var trail = Trail()
    let client = demand.proven.client.id
    if facts.answer == .leave { return Decision(.failure(.authorization(.abandoned(client: client))), trail: trail) }
    guard let session = facts.session, session.expiresAt > now, facts.signedInForThis else {
      return Decision(.success(.signIn), trail: trail)
    }
    trail.pass(.signedIn)
    guard facts.holdsResource else {
      trail.stop(at: .resourceKnown)
      return Decision(
        .failure(.authorization(.resourceAbsent(Excerpt(demand.resource), client: client))), trail: trail)
    }
    trail.pass(.resourceKnown)
    guard facts.answer == .confirm else { return Decision(.success(.askConfirmation), trail: trail) }
    trail.pass(.consentGiven)
    return Decision(.success(.confirmed), trail: trail)
  }
}
