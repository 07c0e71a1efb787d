public import Catalogue
public import Vocabulary

/// How people are asked, and how the application hears of it (RFC 6749 §4.1).
public struct AuthorizationRule: Sendable {
  /// In test mode, an account or a parameter that provokes a refusal.
  public struct Trigger: Sendable {
    public let account: String?
    /// All of these must match; a value may end in `*`.
    public let parameters: [(name: String, value: String)]
    public let code: Code
    /// What the application is told of the cause, where the wording has room for it.
    public let problem: String
  }

  /// Below the API's mount; of the `oauth` contract below the issuer.
  public let path: String
  public let codeForm: TokenForm
  public let codeLifetime: Lifetime
  /// A code that does not have the form is told apart from one that is unknown.
  public let exactForm: Bool
  /// The names a client may go by in the request.
  public let clientParameters: [String]
  /// Without a `redirect_uri` the first registered is used, however many there are.
  public let defaultsRedirectURI: Bool
  /// `required:` locks a scope on the consent page.
  public let lockedScopePrefix: String?
  /// The parameter and value that ask for consent again: `approval_prompt=force`.
  public let consentParameter: String?
  public let consentValue: String?
  public let modes: [String]
  /// Whether `iss` is part of every answer (RFC 9207 §2).
  public let sendsIssuer: Bool
  /// The parameter in which the person's identifier is sent beside the code.
  public let subjectParameter: String?
  /// Whether the pages have a way back to the application.
  public let offersReturn: Bool
  public let triggers: [Trigger]
  /// 302, or 303 as RFC 9700 §4.12 advises.
  public let redirectStatus: Int
  /// What the page says of an unknown client; `{presented}` is what was sent.
  public let unknownClientText: String?
  /// Where a person is asked to sign in again for a thing they shared; `nil`: nowhere.
  public let reauthentication: ReauthenticationRule?
}

/// A second endpoint for people: they sign in again, confirm that a thing is still theirs, and are sent back with its
/// identifier. No RFC has it; Smartcar Connect does. It is offered by an API that has `resources`.
public struct ReauthenticationRule: Sendable {
  /// Below the API's mount.
  public let path: String
  /// Names the thing, in the request and in the answer: `vehicle_id`.
  public let resourceParameter: String
  /// The values of `response_type` that are taken.
  public let responseTypes: [String]
}

extension AuthorizationRule {
  /// In test mode: what an account provokes.
  public func provoked(byAccount name: String) -> Refusal? {
    triggers.first { $0.account == name }?.refusal
  }

  /// In test mode: what parameters provoke.
  public func provoked(by form: Form) -> Refusal? {
    triggers.first { trigger in
      trigger.account == nil
        && trigger.parameters.allSatisfy { name, value in
          guard let seen = form[name] else { return false }
          return value.hasSuffix("*") ? seen.hasPrefix(value.dropLast()) : seen == value
        }
    }?.refusal
  }
}

extension AuthorizationRule.Trigger {
  var refusal: Refusal? {
    let provoked: [AuthorizationRefusal] = [
      .resourceIncompatible, .subscriptionInactive, .applicationMisconfigured(ContractSentence(problem)),
    ]
    return provoked.map(Refusal.authorization).first { $0.code == code }
  }
}
