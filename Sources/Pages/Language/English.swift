/// The words in English.
enum English {
  static func words(_ phrase: Phrase) -> String {
    switch phrase {
    case .signIn: "Sign in"
    case .signInFor(let application): "to continue to \(application)"
    case .username: "Username or email address"
    case .password: "Password"
    case .credentialsRejected: "Username and password do not match an account. Check both and try again."
    case .throttled(let seconds): "Too many attempts. Try again in \(duration(seconds))."

    case .consent(let application): "Allow \(application) access?"
    case .consentLead(let application): "\(application) asks to use your account. You decide what it gets."
    case .signedInAs: "Signed in as"
    case .switchAccount: "Not you?"
    case .scopesLegend(let application): "What \(application) may do"
    case .resourcesHint: "Choose what to share. Anything you leave out stays private."
    case .required: "Required"
    case .allow: "Allow access"
    case .deny: "Deny access"
    case .afterwards(let host): "After your choice you return to \(host)."
    case .withdrawLater: "You can withdraw access at any time in your account."
    case .nothingChosen: "Nothing is chosen yet. Choose at least one entry of each list, or deny access."

    case .confirmation(let application): "Confirm for \(application)"
    case .confirmationLead(let application):
      "\(application) asks whether this still belongs to your account. Nothing else is shared."
    case .confirm: "Confirm"

    case .whatHappened: "What happened"
    case .whatIsKept: "What is kept"
    case .whatToDo: "What you can do"
    case .reference: "Reference"
    case .referenceHint: "Quote it when you ask for help."
    case .documentation: "For developers: what this means"
    case .backToApplication: "Back to application"
    case .message(let notice, let part): words(notice, part)

    case .account: "Your account"
    case .accountPlace: "in your account"
    case .accountLead: "These applications have access. You can withdraw it at any time."
    case .noGrants: "No application has access to your account."
    case .mayScopes: "What it may do"
    case .mayResources: "What is shared with it"
    case .since(let date): "Since \(date)"
    case .withdraw: "Withdraw access"
    case .withdrawn(let application): "\(application) no longer has access."

    case .signOut: "Sign out"
    case .signOutQuestion: "Do you want to sign out?"
    case .signOutLead: "Applications you gave access keep it. You can withdraw it in your account."
    case .staySignedIn: "Stay signed in"
    case .signedOut: "You are signed out"
    case .signedOutLead: "On a shared device, close the browser window too."

    case .returning(let application): "Returning to \(application)"
    case .returningLead: "If nothing happens, use the button."
    case .continueOn: "Continue"
    case .breadcrumbs: "Where this page is"
    }
  }

  private static func words(_ notice: Notice, _ part: Phrase.Part) -> String {
    let texts =
      switch notice {
      case .requestExpired:
        Telling(
          "This request is no longer open", "It waited too long, or was finished in another window.",
          "Your account and everything you decided before are unchanged.",
          "Go back to the application and start again from there."
        )
      case .applicationUnknown:
        Telling(
          "We do not know this application",
          "The link that brought you here names an application that is not registered.",
          "Nothing was shared, and nobody was told that you were here.",
          "Check that the link is complete. If it is, tell the people who run the application."
        )
      case .redirectNotRegistered(let application):
        Telling(
          "We cannot send you back safely",
          "The link names an address to return to that is not registered for \(application). It may be a mistake, or an attempt to take your data.",
          "Nothing was shared.", "Do not follow the link again. Tell the people who run the application."
        )
      case .requestMalformed:
        Telling(
          "The application’s request is not complete", "It asked in a way that we cannot answer.",
          "Nothing was shared, and your account is unchanged.",
          "Go back and try once more. If it happens again, tell the people who run the application."
        )
      case .formNotAccepted:
        Telling(
          "This page is out of date", "The form you sent does not belong to your current session.",
          "Nothing was changed.",
          "Check that your browser accepts cookies, then go back to the application and start again."
        )
      case .tooManyAttempts:
        Telling(
          "Too many attempts", "There were many attempts to sign in within a short time.",
          "Your account is safe, and your password is unchanged.", "Wait a few minutes, then try again."
        )
      case .pageNotFound:
        Telling(
          "There is no page here", "The address does not lead to a page.", "Your account is unchanged.",
          "Check the address, or go back to where you came from."
        )
      case .notOpenedDirectly:
        Telling(
          "This page is only a step on the way", "Its address was opened by itself, and alone it does nothing.",
          "Nothing was changed.",
          "Go back to the application and start again. What you have shared is listed in your account."
        )
      case .unavailable:
        Telling(
          "We will be back shortly", "A part of this service does not answer at the moment.",
          "Nothing is lost. Everything you decided is kept.", "Wait a minute, then load the page again."
        )
      case .fault:
        Telling(
          "We could not answer", "This server came to a state it should never be in. It is recorded.",
          "Everything you decided before is kept.", "Try again. If it happens again, quote the reference to us."
        )
      }
    return texts[part]
  }

  static func duration(_ seconds: Int) -> String {
    let minutes = seconds / 60 + (seconds % 60 > 0 ? 1 : 0)
    switch seconds {
    case ...1: return "1 second"
    case ..<90: return "\(seconds) seconds"
    case _: return "\(minutes) minutes"
    }
  }
}
