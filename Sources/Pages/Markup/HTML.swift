/// A piece of a page. Text and attribute values are escaped on their way in, so that markup can come from this target
/// only. The two ways around it are named for what they are: `constantMarkup` takes a literal, which nobody outside
/// can choose, and `unescapedFromTrustedRenderer` is for the catalogue's pages, which escape for themselves.
public struct HTML: Sendable, Equatable {
  let markup: String

  static let none = HTML(markup: "")

  static func text(_ text: String) -> HTML { HTML(markup: Escaping.text(text)) }

  static func constantMarkup(_ markup: StaticString) -> HTML { HTML(markup: markup.description) }

  public static func unescapedFromTrustedRenderer(_ markup: String) -> HTML { HTML(markup: markup) }

  static func joined(_ parts: [HTML]) -> HTML { HTML(markup: parts.map(\.markup).joined()) }

  /// An element with its content, or without an end tag where HTML has none (HTML §13.1.2).
  static func element(_ tag: Tag, _ attributes: [Attribute], _ content: HTML) -> HTML {
    let start = "<" + tag.rawValue + attributes.map(\.markup).joined() + ">"
    return HTML(markup: tag.isVoid ? start : start + content.markup + "</" + tag.rawValue + ">")
  }
}

/// An element, written as a block: `element(.p) { "text" }`.
func element(_ tag: Tag, _ attributes: Attribute..., @HTMLBuilder content: () -> HTML = { .none }) -> HTML {
  .element(tag, attributes, content())
}

/// Collects the pieces of a block. A `String` in it is text, and is escaped.
@resultBuilder
enum HTMLBuilder {
  static func buildExpression(_ piece: HTML) -> HTML { piece }
  static func buildExpression(_ text: String) -> HTML { .text(text) }
  static func buildBlock(_ parts: HTML...) -> HTML { .joined(parts) }
  static func buildOptional(_ part: HTML?) -> HTML { part ?? .none }
  static func buildEither(first: HTML) -> HTML { first }
  static func buildEither(second: HTML) -> HTML { second }
  static func buildArray(_ parts: [HTML]) -> HTML { .joined(parts) }
}
