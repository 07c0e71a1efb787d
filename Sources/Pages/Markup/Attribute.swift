/// An attribute: its name is a constant, its value is escaped. Handlers and inline styles cannot be made, because there
/// is no way to name them.
struct Attribute {
  let markup: String

  private init(_ name: StaticString, _ value: String) {
    markup = " \(name)=\"\(Escaping.attribute(value))\""
  }

  private init(_ name: StaticString, if isPresent: Bool) {
    markup = isPresent ? " \(name)" : ""
  }

  private init(_ name: StaticString, optional value: String?) {
    markup = value.map { Attribute(name, $0).markup } ?? ""
  }

  // What this target writes.
  static func `class`(_ names: StaticString) -> Attribute { Attribute("class", names.description) }
  static func type(_ type: StaticString) -> Attribute { Attribute("type", type.description) }
  static func method(_ method: StaticString) -> Attribute { Attribute("method", method.description) }
  static func role(_ role: StaticString) -> Attribute { Attribute("role", role.description) }
  static func rel(_ relation: StaticString) -> Attribute { Attribute("rel", relation.description) }
  static func charset(_ name: StaticString) -> Attribute { Attribute("charset", name.description) }
  static func autocomplete(_ purpose: StaticString) -> Attribute { Attribute("autocomplete", purpose.description) }
  static func autocapitalize(_ way: StaticString) -> Attribute { Attribute("autocapitalize", way.description) }
  static let noSpellcheck = Attribute("spellcheck", "false")
  static let noValidation = Attribute("formnovalidate", if: true)
  static func lang(_ language: Language) -> Attribute { Attribute("lang", language.rawValue) }
  static func id(_ id: String) -> Attribute { Attribute("id", id) }
  static func `for`(_ id: String) -> Attribute { Attribute("for", id) }
  static func describedBy(_ id: String?) -> Attribute { Attribute("aria-describedby", optional: id) }
  static func labelledBy(_ id: String) -> Attribute { Attribute("aria-labelledby", id) }
  static func current(_ isCurrent: Bool) -> Attribute {
    Attribute("aria-current", optional: isCurrent ? "page" : nil)
  }
  static func invalid(_ isInvalid: Bool) -> Attribute {
    Attribute("aria-invalid", optional: isInvalid ? "true" : nil)
  }

  // What comes from outside.
  static func name(_ name: String) -> Attribute { Attribute("name", name) }
  static func value(_ value: String) -> Attribute { Attribute("value", value) }
  static func content(_ content: String) -> Attribute { Attribute("content", content) }
  static func ariaLabel(_ text: String) -> Attribute { Attribute("aria-label", text) }
  static func alt(_ text: String) -> Attribute { Attribute("alt", text) }
  static func href(_ address: Address) -> Attribute { Attribute("href", address.text) }
  static func action(_ address: Address) -> Attribute { Attribute("action", address.text) }
  static func source(_ logo: Logo) -> Attribute { Attribute("src", logo.text) }

  static func required(_ isRequired: Bool = true) -> Attribute { Attribute("required", if: isRequired) }
  static func checked(_ isChecked: Bool) -> Attribute { Attribute("checked", if: isChecked) }
  static func disabled(_ isDisabled: Bool = true) -> Attribute { Attribute("disabled", if: isDisabled) }
  static func hidden(_ isHidden: Bool = true) -> Attribute { Attribute("hidden", if: isHidden) }
}
