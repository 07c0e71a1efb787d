/// Carries the answer to the application in a form instead of an address (OAuth 2.0 Form Post Response Mode §2). A script
/// of one constant line sends it, allowed by its hash; without scripts a button does.
public struct FormPostPage: Page {
  public var applicationName: String
  public var redirectURI: Address
  public var fields: [FormField]

  public init(applicationName: String, redirectURI: Address, fields: [FormField]) {
    self.applicationName = applicationName
    self.redirectURI = redirectURI
    self.fields = fields
  }

  /// `submit` of the prototype: a field could be called `submit` and hide the form's own.
  static let script: StaticString = "HTMLFormElement.prototype.submit.call(document.forms[0])"

  /// The script's SHA-256, as a policy names it (CSP Level 3 §2.3.1); a test computes it.
  public static let scriptHash = "sha256-ox4bri+xTrW3kuLTyRoak73QX8KZGuyP3JlQYusbSlA="

  public func document(_ style: PageStyle, _ language: Language) -> Document {
    let frame = PageFrame(style, language)
    let title = frame.words(.returning(application: applicationName))
    return frame.document(
      title: title, formTargets: [redirectURI], scriptHash: Self.scriptHash, mayBePopup: true
    ) {
      element(.h1) { title }
      element(.p) { frame.words(.returningLead) }
      element(.form, .method("post"), .action(redirectURI), .class("actions")) {
        fields.html
        element(.button, .type("submit")) { frame.words(.continueOn) }
      }
      element(.script) { HTML.constantMarkup(Self.script) }
    }
  }
}
