/// Tells a person why it does not go on: what happened, what is kept, what to do, and what to quote. No status number.
public struct MessagePage: Page {
  public var heading: Text
  public var happened: Text
  public var kept: Text?
  public var next: Text?
  /// The trace id of the request.
  public var reference: String?
  /// The catalogue's page, for developers.
  public var documentation: Address?
  public var back: WayBack?

  /// Words of ours, in the person's language, or words from elsewhere.
  public enum Text: Sendable, Hashable {
    case phrase(Phrase)
    case written(String)
  }

  /// How to go on: a link, or a button that sends a form. Without a label it is called "Back to application".
  public enum WayBack: Sendable, Hashable {
    case link(Address, label: String? = nil)
    case form(Address, [FormField], label: String? = nil)
  }

  public init(
    heading: Text, happened: Text, kept: Text? = nil, next: Text? = nil, reference: String? = nil,
    documentation: Address? = nil, back: WayBack? = nil
  ) {
    self.heading = heading
    self.happened = happened
    self.kept = kept
    self.next = next
    self.reference = reference
    self.documentation = documentation
    self.back = back
  }

  public init(
    _ notice: Notice, reference: String? = nil, documentation: Address? = nil, back: WayBack? = nil
  ) {
    self.init(
      heading: .phrase(.message(notice, .heading)), happened: .phrase(.message(notice, .happened)),
      kept: .phrase(.message(notice, .kept)), next: .phrase(.message(notice, .next)), reference: reference,
      documentation: documentation, back: back)
  }

  public func document(_ style: PageStyle, _ language: Language) -> Document {
    let frame = PageFrame(style, language)
    let title = words(heading, frame)
    var targets: [Address] = []
    if case .form(let action, _, _) = back { targets = [action] }
    return frame.document(title: title, formTargets: targets, mayBePopup: true) {
      element(.h1) { title }
      element(.dl, .class("story")) {
        entry(.whatHappened, happened, frame)
        if let kept { entry(.whatIsKept, kept, frame) }
        if let next { entry(.whatToDo, next, frame) }
        if let reference {
          element(.div) {
            element(.dt) { frame.words(.reference) }
            element(.dd) { element(.code) { reference } }
            element(.dd, .class("quiet small")) { frame.words(.referenceHint) }
          }
        }
      }
      wayBack(frame)
      if let documentation {
        element(.p, .class("small part")) {
          element(.a, .href(documentation)) { frame.words(.documentation) }
        }
      }
    }
  }

  private func words(_ text: Text, _ frame: PageFrame) -> String {
    switch text {
    case .phrase(let phrase): frame.words(phrase)
    case .written(let words): words
    }
  }

  private func entry(_ label: Phrase, _ text: Text, _ frame: PageFrame) -> HTML {
    element(.div) {
      element(.dt) { frame.words(label) }
      element(.dd) {
        switch text {
        case .phrase(let phrase): frame.linkingAccount(phrase)
        case .written(let words): HTML.text(words)
        }
      }
    }
  }

  @HTMLBuilder private func wayBack(_ frame: PageFrame) -> HTML {
    switch back {
    case .none: HTML.none
    case .link(let address, let label):
      element(.div, .class("actions")) {
        element(.a, .class("button"), .href(address)) { label ?? frame.words(.backToApplication) }
      }
    case .form(let action, let fields, let label):
      element(.form, .method("post"), .action(action), .class("actions")) {
        fields.html
        Decision.return.button(label ?? frame.words(.backToApplication))
      }
    }
  }
}
