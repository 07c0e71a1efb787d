import StrictJSON
public import Vocabulary

/// Refusals on the pages for people: signing in, the forms, signing out. RFC 9700 §4.16, OpenID Connect RP-Initiated
/// Logout §4. Whether an account exists is told to nobody.
public enum SignInRefusal: RefusalArea {
  case userUnknown
  case passwordMismatch(SubjectID)
  case userDisabled(SubjectID)
  case throttled(Excerpt, after: Lifetime)
  case cookieAbsent
  case formTokenMismatch
  case formExpired(after: Lifetime)
  case signedOutMeanwhile
  case formAnswered
  case logoutAddressUnregistered(Excerpt)

  public enum Name: String, ReasonName {
    case userUnknown = "user_unknown"
    case passwordMismatch = "password_mismatch"
    case userDisabled = "user_disabled"
    case throttled = "sign_in_throttled"
    case cookieAbsent = "cookie_absent"
    case formTokenMismatch = "form_token_mismatch"
    case formExpired = "form_expired"
    case signedOutMeanwhile = "signed_out_meanwhile"
    case formAnswered = "form_answered"
    case logoutAddressUnregistered = "logout_address_unregistered"

    public var code: Code {
      switch self {
      case .userUnknown, .passwordMismatch, .userDisabled: .loginFailed
      case .throttled: .loginThrottled
      case .cookieAbsent, .formTokenMismatch: .formRejected
      case .formExpired, .signedOutMeanwhile, .formAnswered: .interactionExpired
      case .logoutAddressUnregistered: .logoutRequestInvalid
      }
    }
  }

  public var name: Name {
    switch self {
    case .userUnknown: .userUnknown
    case .passwordMismatch: .passwordMismatch
    case .userDisabled: .userDisabled
    case .throttled: .throttled
    case .cookieAbsent: .cookieAbsent
    case .formTokenMismatch: .formTokenMismatch
    case .formExpired: .formExpired
    case .signedOutMeanwhile: .signedOutMeanwhile
    case .formAnswered: .formAnswered
    case .logoutAddressUnregistered: .logoutAddressUnregistered
    }
  }

  public var explanation: Explanation {
    switch self {
    case .userUnknown:
      Explanation("Nobody is registered under the name that was typed.", expected: "a registered user", actual: "none")
    case .passwordMismatch(let user):
      Explanation(
        "The password typed for user \(user) is not theirs.", expected: "the user's password", actual: "another")
    case .userDisabled(let user):
      Explanation("User \(user) is disabled.", expected: "an enabled user", actual: "\(user), disabled")
    case .throttled(let what, let after):
      Explanation(
        "Too many attempts to sign in by the same \(what); the next is looked at in \(after).",
        expected: "fewer failures", actual: "too many by the same \(what)")
    case .cookieAbsent:
      Explanation(
        "A form came back without the cookie that was set with its page.", expected: "the cookie", actual: "none")
    case .formTokenMismatch:
      Explanation(
        "A form came back with a token that does not belong to this browser's cookie.", expected: "its own form token",
        actual: "none, or another's")
    case .formExpired(let after):
      Explanation(
        "A form came back later than \(after) after its page was made.", expected: "at most \(after)",
        actual: "a longer time")
    case .signedOutMeanwhile:
      Explanation(
        "A form came back after its session had ended or its person was disabled.", expected: "a session in force",
        actual: "none")
    case .formAnswered:
      Explanation(
        "The same consent page was answered a second time.", expected: "one answer to each page",
        actual: "a second one")
    case .logoutAddressUnregistered(let seen):
      Explanation(
        "The address to return to after signing out, \(seen), is not registered for a client that is named.",
        expected: "a redirect URI of the client", actual: "\(seen)")
    }
  }

  public var members: [Member] {
    switch self {
    case .throttled(_, let after): [Member(.retryAfter, .integer(after.seconds))]
    case .userUnknown, .passwordMismatch, .userDisabled, .cookieAbsent, .formTokenMismatch, .formExpired,
      .signedOutMeanwhile, .formAnswered, .logoutAddressUnregistered:
      []
    }
  }
}
