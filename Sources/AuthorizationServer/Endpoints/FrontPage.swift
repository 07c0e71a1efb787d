import Catalogue
import Pages

/// What a person finds at the issuer's own address.
public enum FrontPage {
  public static let standard = """
    This server issues tokens and stands in front of APIs. There is nothing to do here by hand; a person who was sent here by an error finds it explained below.

    - [Every code this server gives, with causes and remedies](/errors)
    - [Authorization server metadata](/.well-known/oauth-authorization-server)

    """

  static func answer(_ markdown: String, _ style: PageStyle) -> OutgoingAnswer {
    let line = markdown.prefix { $0 != "\n" }
    let title = line.hasPrefix("# ") ? String(line.dropFirst(2)) : style.name
    return .page(MarkdownPage(title: title, markdown: markdown), title: title, style)
  }
}

extension OutgoingAnswer {
  /// A page of documentation in the frame of all pages: public, and cached for a while.
  static func page(
    _ page: MarkdownPage, title: String, _ style: PageStyle, trail: [DocumentationPage.Link] = []
  ) -> OutgoingAnswer {
    let document = DocumentationPage(title: title, trail: trail, body: .unescapedFromTrustedRenderer(page.content))
      .document(style, .english)
    return OutgoingAnswer(
      status: 200, headers: document.headers(.publicly(seconds: 300)), body: document.bytes)
  }

  /// The style sheet, at the address that all pages name.
  static func stylesheet(_ name: String, _ style: PageStyle) -> OutgoingAnswer? {
    let sheet = style.stylesheet
    guard sheet.path == "/assets/" + name else { return nil }
    return OutgoingAnswer(status: 200, headers: SecurityHeaders.stylesheet, body: Array(sheet.text.utf8))
  }
}
