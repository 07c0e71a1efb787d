/// One entry a person can tick: a scope in plain words, or one of the things it applies to.
public struct Choice: Sendable, Hashable {
  public let id: String
  public let title: String
  public let detail: String
  public let isRequired: Bool
  public let isTicked: Bool

  public init(id: String, title: String, detail: String = "", isRequired: Bool = false, isTicked: Bool = true) {
    self.id = id
    self.title = title
    self.detail = detail
    self.isRequired = isRequired
    self.isTicked = isTicked
  }

  /// A required entry is ticked and locked. Browsers do not send a locked box, so a hidden field sends its value; the
  /// server still adds what is required by itself.
  func row(_ field: String, _ number: Int, _ frame: PageFrame) -> HTML {
    let place = "\(field)-\(number)"
    let described = [detail.isEmpty ? nil : place + "-detail", isRequired ? place + "-required" : nil]
      .compactMap(\.self).joined(separator: " ")
    return element(.li, .class("choice")) {
      element(
        .input, .type("checkbox"), .id(place), .name(field), .value(id), .checked(isTicked || isRequired),
        .disabled(isRequired), .describedBy(described.isEmpty ? nil : described))
      element(.label, .for(place)) { title }
      if isRequired {
        element(.span, .class("tag"), .id(place + "-required")) { frame.words(.required) }
        FormField(field, id).html
      }
      if !detail.isEmpty { element(.p, .class("quiet"), .id(place + "-detail")) { detail } }
    }
  }
}

/// A list of choices under a legend.
struct ChoiceList {
  let field: String
  let legend: String
  let hint: String?
  let choices: [Choice]

  func html(_ frame: PageFrame) -> HTML {
    guard !choices.isEmpty else { return .none }
    return element(.fieldset) {
      element(.legend) { legend }
      if let hint { element(.p, .class("quiet small")) { hint } }
      element(.ul) {
        for (number, choice) in choices.enumerated() { choice.row(field, number + 1, frame) }
      }
    }
  }
}
