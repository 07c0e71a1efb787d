import Catalogue

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
    return .page(MarkdownPage(title: String(title), markdown: markdown).html)
  }
}

extension OutgoingAnswer {
  /// A page of documentation: public, cached for a while, without script and never framed.
  static func page(_ html: String) -> OutgoingAnswer {
    OutgoingAnswer(
      status: 200,
      headers: [
        ("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "public, max-age=300"),
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
        ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
      ], body: Array(html.utf8))
  }
}
