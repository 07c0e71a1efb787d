/// A value that a form carries back unseen, such as the token against forged forms.
public struct FormField: Sendable, Hashable {
  public let name: String
  public let value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  var html: HTML { element(.input, .type("hidden"), .name(name), .value(value)) }
}

extension [FormField] {
  var html: HTML { .joined(map(\.html)) }
}

/// The form's buttons send what was decided under one name.
public enum Decision: String, Sendable {
  case allow, deny, `return`
  /// The Enter key was pressed: the page is to be shown again as it was sent.
  case ask

  public static let name = "decision"

  func button(_ words: String, _ attributes: Attribute...) -> HTML {
    .element(
      .button, [.type("submit"), .name(Self.name), .value(rawValue)] + attributes, .text(words))
  }
}
