/// What a person has shared with whom, and the way to take it back. Withdrawing sends `grant` with the grant's id.
public struct AccountPage: Page {
  public var signedInAs: String
  public var grants: [Grant]
  public var withdrawAction: Address
  public var signOutAction: Address
  public var hidden: [FormField]
  public var notice: Notice?

  /// One application's access.
  public struct Grant: Sendable, Hashable {
    public let id: String
    public let applicationName: String
    public let host: String
    public let scopes: [String]
    public let resources: [String]
    /// A date as RFC 3339 writes it, `2026-11-21`; the page writes it as the person's language does.
    public let since: String

    public init(
      id: String, applicationName: String, host: String, scopes: [String], resources: [String] = [], since: String
    ) {
      self.id = id
      self.applicationName = applicationName
      self.host = host
      self.scopes = scopes
      self.resources = resources
      self.since = since
    }
  }

  /// What the last step did.
  public enum Notice: Sendable, Hashable {
    case withdrawn(application: String)
  }

  public init(
    signedInAs: String, grants: [Grant], withdrawAction: Address, signOutAction: Address, hidden: [FormField] = [],
    notice: Notice? = nil
  ) {
    self.signedInAs = signedInAs
    self.grants = grants
    self.withdrawAction = withdrawAction
    self.signOutAction = signOutAction
    self.hidden = hidden
    self.notice = notice
  }

  public func document(_ style: PageStyle, _ language: Language) -> Document {
    let frame = PageFrame(style, language)
    let title = frame.words(.account)
    return frame.document(title: title, width: .wide) {
      element(.h1) { title }
      element(.form, .method("post"), .action(signOutAction), .class("person")) {
        hidden.html
        element(.span) {
          element(.span, .class("quiet")) { frame.words(.signedInAs) + " " }
          element(.strong) { signedInAs }
        }
        element(.button, .type("submit"), .class("plain")) { frame.words(.signOut) }
      }
      if let notice {
        element(.p, .class("notice"), .role("status")) { words(notice, frame) }
      }
      element(.p, .class("part")) { frame.words(grants.isEmpty ? .noGrants : .accountLead) }
      for (number, grant) in grants.enumerated() { section(grant, "grant-\(number + 1)", frame) }
    }
  }

  private func words(_ notice: Notice, _ frame: PageFrame) -> String {
    switch notice {
    case .withdrawn(let application): frame.words(.withdrawn(application: application))
    }
  }

  private func section(_ grant: Grant, _ id: String, _ frame: PageFrame) -> HTML {
    element(.section, .class("grant"), .labelledBy(id)) {
      element(.h2, .id(id)) { grant.applicationName }
      element(.p, .class("host")) { grant.host }
      element(.dl) {
        list(.mayScopes, grant.scopes, frame)
        list(.mayResources, grant.resources, frame)
      }
      element(.p, .class("quiet small")) { frame.words(.since(date: frame.language.day(grant.since))) }
      element(.form, .method("post"), .action(withdrawAction), .class("actions")) {
        hidden.html
        FormField("grant", grant.id).html
        element(.button, .type("submit"), .class("calm"), .describedBy(id)) { frame.words(.withdraw) }
      }
    }
  }

  @HTMLBuilder private func list(_ label: Phrase, _ titles: [String], _ frame: PageFrame) -> HTML {
    if !titles.isEmpty {
      element(.dt) { frame.words(label) }
      for title in titles { element(.dd) { title } }
    }
  }
}
