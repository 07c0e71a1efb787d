/// Everything these pages say, as values: the words are in `English.swift` and `German.swift`, by a `switch` that
/// the compiler keeps complete.
public enum Phrase: Sendable, Hashable {
  // Signing in
  case signIn
  case signInFor(application: String)
  case username
  case password
  case credentialsRejected
  case throttled(seconds: Int)

  // Consent
  case consent(application: String)
  case consentLead(application: String)
  case signedInAs
  case switchAccount
  case scopesLegend(application: String)
  case resourcesHint
  case required
  case allow
  case deny
  case afterwards(host: String)
  case withdrawLater
  case nothingChosen

  // Signing in again for one thing
  case confirmation(application: String)
  case confirmationLead(application: String)
  case confirm

  // Messages
  case whatHappened
  case whatIsKept
  case whatToDo
  case reference
  case referenceHint
  case documentation
  case backToApplication
  case message(Notice, Part)

  // The account
  case account
  /// The words of other phrases that become a link to the account.
  case accountPlace
  case accountLead
  case noGrants
  case mayScopes
  case mayResources
  case since(date: String)
  case withdraw
  case withdrawn(application: String)

  // Signing out
  case signOut
  case signOutQuestion
  case signOutLead
  case staySignedIn
  case signedOut
  case signedOutLead

  // Returning to an application
  case returning(application: String)
  case returningLead
  case continueOn
  case breadcrumbs

  /// The name by which an operator replaces the words: `consent`, `message.accessDenied.heading`.
  public var name: String {
    if case .message(let notice, let part) = self { return "message.\(notice.name).\(part.rawValue)" }
    return String("\(self)".prefix { $0 != "(" })
  }

  /// What an operator's words may refer to, as `{application}`.
  var arguments: [(name: String, value: String)] {
    switch self {
    case .signInFor(let application), .consent(let application), .consentLead(let application),
      .scopesLegend(let application), .withdrawn(let application), .confirmation(let application),
      .confirmationLead(let application),
      .returning(let application):
      [("application", application)]
    case .message(let notice, _): notice.arguments
    case .throttled(let seconds): [("seconds", String(seconds))]
    case .afterwards(let host): [("host", host)]
    case .since(let date): [("date", date)]
    default: []
    }
  }

  /// Every phrase once, with the names of its arguments in their places.
  public static let samples: [Phrase] =
    [
      .signIn, .signInFor(application: "{application}"), .username, .password, .credentialsRejected,
      .throttled(seconds: 30),
      .consent(application: "{application}"), .consentLead(application: "{application}"), .signedInAs, .switchAccount,
      .scopesLegend(application: "{application}"), .resourcesHint, .required, .allow, .deny,
      .afterwards(host: "{host}"), .withdrawLater, .nothingChosen,
      .confirmation(application: "{application}"), .confirmationLead(application: "{application}"), .confirm,
      .whatHappened, .whatIsKept, .whatToDo, .reference, .referenceHint, .documentation, .backToApplication,
      .account, .accountPlace, .accountLead, .noGrants, .mayScopes, .mayResources, .since(date: "{date}"), .withdraw,
      .withdrawn(application: "{application}"),
      .signOut, .signOutQuestion, .signOutLead, .staySignedIn, .signedOut, .signedOutLead,
      .returning(application: "{application}"), .returningLead, .continueOn, .breadcrumbs,
    ] + Notice.samples.flatMap { notice in Phrase.Part.allCases.map { .message(notice, $0) } }

  /// What a message tells: the heading, what happened, what is kept, what to do.
  public enum Part: String, CaseIterable, Sendable {
    case heading, happened, kept, next
  }
}
