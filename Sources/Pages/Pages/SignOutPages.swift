/// Asks before signing out: a link from elsewhere must not be enough (OpenID Connect RP-Initiated Logout §2). The form
/// sends `decision=allow` or `decision=deny`.
public struct SignOutPage: Page {
  public var signedInAs: String
  public var action: Address
  public var hidden: [FormField]
  /// Where the answer redirects to, if it does.
  public var returnsTo: [Address]

  public init(signedInAs: String, action: Address, hidden: [FormField] = [], returnsTo: [Address] = []) {
    self.signedInAs = signedInAs
    self.action = action
    self.hidden = hidden
    self.returnsTo = returnsTo
  }

  public func document(_ style: PageStyle, _ language: Language) -> Document {
    let frame = PageFrame(style, language)
    let title = frame.words(.signOutQuestion)
    return frame.document(title: title, formTargets: returnsTo) {
      element(.h1) { title }
      element(.p) {
        element(.span, .class("quiet")) { frame.words(.signedInAs) + " " }
        element(.strong) { signedInAs }
      }
      element(.p) { frame.linkingAccount(.signOutLead) }
      element(.form, .method("post"), .action(action)) {
        hidden.html
        element(.div, .class("actions two")) {
          Decision.allow.button(frame.words(.signOut))
          Decision.deny.button(frame.words(.staySignedIn), .class("calm"))
        }
      }
    }
  }
}

/// After signing out, where no application is waiting. The way on is to sign in.
public struct SignedOutPage: Page {
  public init() {}

  public func document(_ style: PageStyle, _ language: Language) -> Document {
    let frame = PageFrame(style, language)
    let title = frame.words(.signedOut)
    return frame.document(title: title) {
      element(.h1) { title }
      element(.p) { frame.words(.signedOutLead) }
      element(.div, .class("actions")) {
        element(.a, .class("button calm"), .href("/login")) { frame.words(.signIn) }
      }
    }
  }
}
