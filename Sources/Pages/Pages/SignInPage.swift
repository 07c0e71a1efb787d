/// Asks for username and password. The fields are `username` and `password`; where the contract lets people go back
/// (Smartcar Connect), a button sends `decision=return`.
public struct SignInPage: Page {
  public var applicationName: String?
  public var applicationHost: String?
  public var action: Address
  public var hidden: [FormField]
  public var username: String
  public var failure: Failure
  public var offersReturn: Bool
  /// Where the application is returned to: a form's answer may redirect there (see `SecurityHeaders.policy`).
  public var returnsTo: [Address]

  /// Why the last attempt was refused. It never says which of the two fields was wrong.
  public enum Failure: Sendable, Hashable {
    case none
    case credentialsRejected
    case throttled(retryAfterSeconds: Int)
  }

  public init(
    applicationName: String? = nil, applicationHost: String? = nil, action: Address, hidden: [FormField] = [],
    username: String = "", failure: Failure = .none, offersReturn: Bool = false,
    returnsTo: [Address] = []
  ) {
    self.applicationName = applicationName
    self.applicationHost = applicationHost
    self.action = action
    self.hidden = hidden
    self.username = username
    self.failure = failure
    self.offersReturn = offersReturn
    self.returnsTo = returnsTo
  }

  public func document(_ style: PageStyle, _ language: Language) -> Document {
    let frame = PageFrame(style, language)
    let title = frame.words(.signIn)
    return frame.document(title: title, formTargets: returnsTo, mayBePopup: true) {
      element(.h1) { title }
      if let applicationName { element(.p, .class("quiet")) { frame.words(.signInFor(application: applicationName)) } }
      if let applicationHost { element(.p, .class("host")) { applicationHost } }
      if let failure = failureWords(frame) {
        element(.p, .class("notice bad"), .role("alert"), .id("failure")) { failure }
      }
      element(.form, .method("post"), .action(action)) {
        hidden.html
        field("username", frame.words(.username), [.type("text"), .value(username), .autocomplete("username")])
        field("password", frame.words(.password), [.type("password"), .autocomplete("current-password")])
        element(.div, .class("actions")) {
          element(.button, .type("submit")) { title }
          if offersReturn {
            Decision.return.button(frame.words(.backToApplication), .class("calm"), .noValidation)
          }
        }
      }
    }
  }

  private func failureWords(_ frame: PageFrame) -> String? {
    switch failure {
    case .none: nil
    case .credentialsRejected: frame.words(.credentialsRejected)
    case .throttled(let seconds): frame.words(.throttled(seconds: seconds))
    }
  }

  /// Pasting and password managers work: no memory test (WCAG 2.2 §3.3.8).
  private func field(_ name: String, _ label: String, _ attributes: [Attribute]) -> HTML {
    element(.div, .class("field")) {
      element(.label, .for(name)) { label }
      HTML.element(
        .input,
        [
          .id(name), .name(name), .autocapitalize("none"), .noSpellcheck, .required(),
          .invalid(failure == .credentialsRejected), .describedBy(failure == .none ? nil : "failure"),
        ] + attributes, .none)
    }
  }
}
