/// Asks whether an application may have access, to what, and to which things. The form sends `scope` and `resource` for
/// each ticked entry and `decision`: `allow`, `deny`, `return` where it is offered, or `ask`, which means that the page is
/// to be shown again as it was sent.
public struct ConsentPage: Page {
  public var applicationName: String
  public var applicationHost: String
  public var signedInAs: String
  public var action: Address
  public var switchAccountAction: Address
  public var hidden: [FormField]
  public var scopes: [Choice]
  public var resources: [Choice]
  /// What the resources are, in the person's language: "Vehicles".
  public var resourcesLegend: String
  /// Whether the form was sent with nothing ticked.
  public var lacksChoice: Bool
  public var offersReturn: Bool
  /// Where the answer to the form redirects to (see `SecurityHeaders.policy`).
  public var returnsTo: [Address]

  public init(
    applicationName: String, applicationHost: String, signedInAs: String, action: Address,
    switchAccountAction: Address, hidden: [FormField] = [], scopes: [Choice], resources: [Choice] = [],
    resourcesLegend: String = "", lacksChoice: Bool = false, offersReturn: Bool = false, returnsTo: [Address]
  ) {
    self.applicationName = applicationName
    self.applicationHost = applicationHost
    self.signedInAs = signedInAs
    self.action = action
    self.switchAccountAction = switchAccountAction
    self.hidden = hidden
    self.scopes = scopes
    self.resources = resources
    self.resourcesLegend = resourcesLegend
    self.lacksChoice = lacksChoice
    self.offersReturn = offersReturn
    self.returnsTo = returnsTo
  }

  public func document(_ style: PageStyle, _ language: Language) -> Document {
    let frame = PageFrame(style, language)
    let title = frame.words(.consent(application: applicationName))
    return frame.document(title: title, formTargets: returnsTo, mayBePopup: true) {
      element(.h1) { title }
      element(.p, .class("host")) { applicationHost }
      element(.p) { frame.words(.consentLead(application: applicationName)) }
      SignedInPerson(name: signedInAs, switchAction: switchAccountAction, hidden: hidden).html(frame)
      if lacksChoice { element(.p, .class("notice bad"), .role("alert")) { frame.words(.nothingChosen) } }
      element(.form, .method("post"), .action(action)) {
        // The first button of a form is the one the Enter key presses (HTML §4.10.21.2, "implicit submission"). This
        // one asks again, so that nobody gives access by a key pressed in a list.
        Decision.ask.button("", .hidden())
        hidden.html
        lists(frame)
        buttons(frame)
      }
      element(.p, .class("quiet small part")) { frame.words(.afterwards(host: applicationHost)) }
      element(.p, .class("quiet small")) { frame.linkingAccount(.withdrawLater) }
    }
  }

  @HTMLBuilder private func lists(_ frame: PageFrame) -> HTML {
    ChoiceList(
      field: "scope", legend: frame.words(.scopesLegend(application: applicationName)), hint: nil, choices: scopes
    ).html(frame)
    ChoiceList(
      field: "resource", legend: resourcesLegend, hint: frame.words(.resourcesHint), choices: resources
    ).html(frame)
  }

  /// Both answers look the same: neither is the one to press (EDPB Guidelines 03/2022 on deceptive patterns).
  @HTMLBuilder private func buttons(_ frame: PageFrame) -> HTML {
    element(.div, .class("actions two")) {
      Decision.allow.button(frame.words(.allow))
      Decision.deny.button(frame.words(.deny))
    }
    if offersReturn {
      element(.div, .class("actions")) {
        Decision.return.button(frame.words(.backToApplication), .class("calm"))
      }
    }
  }
}
