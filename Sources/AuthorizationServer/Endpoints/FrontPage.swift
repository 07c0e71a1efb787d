import Catalogue
import Pages

/// What a person finds at the issuer's own address.
public enum FrontPage {
  public static let standard = """
    # Doorward

    This server issues tokens and stands in front of APIs. There is nothing to do here by hand; a person who was sent here by an error finds it explained below.

    - [Every code this server gives, with causes and remedies](/errors)
    - [Authorization server metadata](/.well-known/oauth-authorization-server)

    """

  static func answer(_ markdown: String) -> OutgoingAnswer {
    let title = markdown.split(separator: "\n").first.map { $0.drop { $0 == "#" || $0 == " " } } ?? "Doorward"
    return .page(MarkdownPage(title: String(title), markdown: markdown), title: String(title))
  }
}

extension OutgoingAnswer {
  /// A page of documentation in the frame of all pages: public, and cached for a while.
  static func page(
    _ page: MarkdownPage, title: String, trail: [DocumentationPage.Link] = []
  ) -> OutgoingAnswer {
    let document = DocumentationPage(title: title, trail: trail, body: .unescapedFromTrustedRenderer(page.content))
      .document(.standard, .english)
    return OutgoingAnswer(
      status: 200, headers: document.headers(.publicly(seconds: 300)), body: document.bytes)
  }

  /// The style sheet, at the address that all pages name.
  static func stylesheet(_ name: String) -> OutgoingAnswer? {
    let sheet = PageStyle.standard.stylesheet
    guard sheet.path == "/assets/" + name else { return nil }
    return OutgoingAnswer(status: 200, headers: SecurityHeaders.stylesheet, body: Array(sheet.text.utf8))
  }
}
