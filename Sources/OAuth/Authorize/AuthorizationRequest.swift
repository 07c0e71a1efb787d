public import Catalogue
public import Dialects
public import Vocabulary

/// What arrived at an authorization endpoint, decoded but not judged (RFC 6749 §4.1.1).
public struct AuthorizationRequest: Sendable {
  public let contract: Contract
  public let rule: AuthorizationRule
  public let form: Form
  /// The request that asks; what is granted remembers it.
  public let trace: TraceID?

  public init(contract: Contract, rule: AuthorizationRule, form: Form, trace: TraceID? = nil) {
    self.trace = trace
    self.contract = contract
    self.rule = rule
    self.form = form
  }

  /// The client named, by whichever of the contract's names for it.
  public var claimedClient: ClientID? {
    rule.clientParameters.lazy.compactMap { form[$0] }.first.map(ClientID.init)
  }
}

/// How an answer gets back to the application (OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode §2).
public enum ResponseMode: String, CaseIterable, Sendable {
  case query, fragment
  case formPost = "form_post"
}

/// Client and return address are proven: from here on refusals go back to the application.
public struct ProvenRequest: Sendable {
  public let request: AuthorizationRequest
  public let client: Client
  public let redirectURI: RedirectURI
  /// Whether the request named the address itself; the exchange must then name it again (RFC 6749 §4.1.3).
  public let namesRedirectURI: Bool
  public let mode: ResponseMode
  /// Byte for byte what the application sent (RFC 6749 §4.1.2).
  public let state: String?
}

extension AuthorizationRequest {
  /// Proves who asks and where the answer goes. What is refused here is shown on a page and never redirected
  /// (RFC 6749 §4.1.2.1, RFC 9700 §4.11).
  public func prove(client: Client?) throws(Refusal) -> ProvenRequest {
    let names = rule.clientParameters
    let given = names.flatMap { form.values(of: $0) }.filter { !$0.isEmpty }
    guard let first = given.first else { throw .authorization(.clientUnknown(Echo(""))) }
    guard Set(given).count == 1, given.count <= names.count, names.allSatisfy({ form.values(of: $0).count <= 1 }) else {
      throw .authorization(.clientUnknown(Echo(first)))
    }
    guard let client, client.id.value == first else { throw .authorization(.clientUnknown(Echo(first))) }
    guard !client.isDisabled else { throw .authorization(.clientDisabled(client.id)) }
    let asked = form.values(of: "redirect_uri").filter { !$0.isEmpty }
    guard form.values(of: "redirect_uri").count <= 1 else {
      throw .authorization(
        .redirectURIUnregistered("two addresses", client: client.id, registered: client.redirectURIs))
    }
    let redirectURI = try address(asked.first, client)
    // One that cannot be honoured is answered in the default mode.
    let mode = form["response_mode"].flatMap(ResponseMode.init(rawValue:)) ?? .query
    return ProvenRequest(
      request: self, client: client, redirectURI: redirectURI, namesRedirectURI: !asked.isEmpty,
      mode: rule.modes.contains(mode.rawValue) ? mode : .query,
      // One that is refused for its length is not sent back either.
      state: form.parameters.first { $0.name == "state" && $0.value.utf8.count <= AuthorizationDemand.stateLimit }?
        .value)
  }

  private func address(_ asked: String?, _ client: Client) throws(Refusal) -> RedirectURI {
    guard let asked else {
      guard let only = client.redirectURIs.first, client.redirectURIs.count == 1 || rule.defaultsRedirectURI else {
        throw .authorization(.redirectURIMissing(client: client.id, registered: client.redirectURIs.count))
      }
      return only
    }
    if let registered = client.redirectURIs.first(where: { $0.value == asked }) { return registered }
    if let uri = try? RedirectURI(asked), client.redirectURIs.contains(where: { $0.differsInLoopbackPort(from: uri) }) {
      return uri
    }
    throw .authorization(
      .redirectURIUnregistered(Excerpt(asked), client: client.id, registered: client.redirectURIs))
  }
}
