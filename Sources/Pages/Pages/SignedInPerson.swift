/// Who is signed in, and the button for somebody else: "Not you?".
struct SignedInPerson {
  let name: String
  let switchAction: Address
  let hidden: [FormField]

  func html(_ frame: PageFrame) -> HTML {
    element(.form, .method("post"), .action(switchAction), .class("person")) {
      hidden.html
      element(.span) {
        element(.span, .class("quiet")) { frame.words(.signedInAs) + " " }
        element(.strong) { name }
      }
      element(.button, .type("submit"), .class("plain")) { frame.words(.switchAccount) }
    }
  }
}
