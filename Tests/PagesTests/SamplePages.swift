import Pages

/// Every page, with one text in each field that takes text from outside.
enum SamplePages {
  static let names = all("x").map(\.name)

  static func page(_ name: String, _ text: String) -> any Page {
    all(text).first { $0.name == name }?.page ?? SignedOutPage()
  }

  static func all(_ text: String) -> [(name: String, page: any Page)] {
    let hidden = [FormField(text, text), FormField("csrf", text)]
    let back: Address = "https://app.example/callback?a=1&b=2"
    let choices = [
      Choice(id: text, title: text, detail: text, isRequired: true), Choice(id: text, title: text, isTicked: false),
    ]
    let grant = AccountPage.Grant(
      id: text, applicationName: text, host: text, scopes: [text, text], resources: [text], since: text)
    let consent = ConsentPage(
      applicationName: text, applicationHost: text, signedInAs: text, action: "/consent",
      switchAccountAction: "/switch",
      hidden: hidden, scopes: choices, resources: choices, resourcesLegend: text, lacksChoice: true, offersReturn: true,
      returnsTo: [back])
    let confirmation = ConfirmationPage(
      applicationName: text, applicationHost: text, signedInAs: text, resourceTitle: text, resourceDetail: text,
      action: "/consent", switchAccountAction: "/switch", hidden: hidden, returnsTo: [back])
    let signIn = SignInPage(
      applicationName: text, applicationHost: text, action: "/login", hidden: hidden, username: text,
      offersReturn: true, returnsTo: [back])
    var refused = signIn
    refused.failure = .credentialsRejected
    var throttled = signIn
    throttled.failure = .throttled(retryAfterSeconds: 600)
    let written = MessagePage(
      heading: .written(text), happened: .written(text), kept: .written(text), next: .written(text), reference: text,
      documentation: "/errors/x", back: .form("/return", hidden, label: text))
    let denied = MessagePage(.redirectNotRegistered(application: text), reference: text, back: .link(back, label: text))
    func account(_ notice: AccountPage.Notice) -> AccountPage {
      AccountPage(
        signedInAs: text, grants: [grant, grant], withdrawAction: "/account/withdraw", signOutAction: "/logout",
        hidden: hidden, notice: notice)
    }
    return [
      ("sign-in", signIn), ("sign-in refused", refused), ("sign-in throttled", throttled), ("consent", consent),
      ("confirmation", confirmation),
      ("message", written), ("denied", denied), ("account", account(.withdrawn(application: text))),
      ("sign-out", SignOutPage(signedInAs: text, action: "/logout", hidden: hidden, returnsTo: [back])),
      ("signed out", SignedOutPage()),
      ("form post", FormPostPage(applicationName: text, redirectURI: back, fields: hidden)),
      (
        "documentation",
        DocumentationPage(
          title: text, trail: [.init(text, "/errors")], body: .unescapedFromTrustedRenderer("<p>body</p>"))
      ),
    ]
  }

  static let hostile = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "</title></h1></form>",
    "</script><script>", "<!--", "-->", "<![CDATA[", "&lt;b&gt;&#60;", "&", "javascript:alert(1)",
    "{application}{host}",
    "<\u{338}script>", "\"\u{301} onfocus=alert(1) x=\"", "a\u{0}b\u{8}c\u{1B}[31m", "\r\n\r\nSet-Cookie: a=b\t",
    "\u{202E}gro.live",
    String(decoding: [0xEF, 0xBF, 0xBE, 0xEF, 0xB7, 0x90, 0xF4, 0x8F, 0xBF, 0xBF, 0xFF, 0xC0], as: UTF8.self),
    "\u{85}\u{2028}\u{2029}", "`${1}`", "<", ">", "\"", "'", "\\\"", "👩‍👩‍👧<\u{200D}",
    String(repeating: "<", count: 2000),
  ]
}
