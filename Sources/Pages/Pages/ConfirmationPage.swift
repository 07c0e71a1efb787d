/// Asks whether one thing is still the person's. The form sends `decision`: `allow`, or `return` for the way back.
public struct ConfirmationPage: Page {
  public var applicationName: String
  public var applicationHost: String
  public var signedInAs: String
  public var resourceTitle: String
  public var resourceDetail: String
  public var action: Address
  public var switchAccountAction: Address
  public var hidden: [FormField]
  /// Where the answer to the form redirects to (see `SecurityHeaders.policy`).
  public var returnsTo: [Address]

  public init(
    applicationName: String, applicationHost: String, signedInAs: String, resourceTitle: String,
    resourceDetail: String = "", action: Address, switchAccountAction: Address, hidden: [FormField] = [],
    returnsTo: [Address]
  ) {
    self.applicationName = applicationName
    self.applicationHost = applicationHost
    self.signedInAs = signedInAs
    self.resourceTitle = resourceTitle
    self.resourceDetail = resourceDetail
    self.action = action
    self.switchAccountAction = switchAccountAction
    self.hidden = hidden
    self.returnsTo = returnsTo
  }

  public func document(_ style: PageStyle, _ language: Language) -> Document {
    let frame = PageFrame(style, language)
    let title = frame.words(.confirmation(application: applicationName))
    return frame.document(title: title, formTargets: returnsTo, mayBePopup: true) {
      element(.h1) { title }
      element(.p, .class("host")) { applicationHost }
      element(.p) { frame.words(.confirmationLead(application: applicationName)) }
      element(.p, .class("notice")) {
        element(.strong) { resourceTitle }
        if !resourceDetail.isEmpty { element(.span, .class("quiet")) { " " + resourceDetail } }
      }
      SignedInPerson(name: signedInAs, switchAction: switchAccountAction, hidden: hidden).html(frame)
      element(.form, .method("post"), .action(action)) {
        hidden.html
        element(.div, .class("actions two")) {
          Decision.allow.button(frame.words(.confirm))
          Decision.return.button(frame.words(.backToApplication), .class("calm"))
        }
      }
      element(.p, .class("quiet small part")) { frame.words(.afterwards(host: applicationHost)) }
    }
  }
}
