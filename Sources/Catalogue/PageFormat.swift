/// The forms in which a page is served.
public enum PageFormat: String, CaseIterable, Sendable {
  case html, markdown, json, text, man

  /// What stands behind the page's address: `/errors/access-token-expired.md`.
  public var suffix: String {
    switch self {
    case .html: ".html"
    case .markdown: ".md"
    case .json: ".json"
    case .text: ".txt"
    case .man: ".7"
    }
  }

  public var mediaType: String {
    switch self {
    case .html: "text/html"
    case .markdown: "text/markdown"
    case .json: "application/json"
    case .text: "text/plain"
    case .man: "text/troff"
    }
  }
}

extension Topic {
  /// The page with its generated parts in place: wire examples, the index of codes.
  public func filled(_ slots: [(slot: String, text: String)]) -> Topic {
    let body = slots.reduce(body) { $0.replacingSlot($1.slot, with: $1.text) }
    return Topic(name: name, title: title, stability: stability, seeAlso: seeAlso, body: body)
  }

  /// The Markdown, with the wire examples in place of `{wire}`.
  public func markdown(wire: String) -> String { body.replacingSlot("{wire}", with: wire) }

  /// For a terminal: headings in capitals as they are, Markdown marks dropped, paragraphs wrapped at `width`.
  public func text(width: Int) -> String { PlainText(width: width).render(self) }

  /// A page of section 7 of the manual, of no release in particular.
  public var man: String { man(release: "Doorward") }

  /// A page of section 7 of the manual.
  public func man(release: String) -> String { ManualPage(self, name: manualName).text(release: release) }

  /// A page for a browser: one `h1` that equals the title, no script, light and dark.
  /// - Parameter links: the address of a topic, if it has one.
  public func html(wire: String, links: @escaping (String) -> String?) -> String {
    MarkdownPage(title: title, markdown: markdown(wire: wire), links: links).html
  }
}

extension String {
  func replacingSlot(_ slot: String, with text: String) -> String {
    var parts = split(separator: slot, maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    if parts.count == 2 { parts.insert(text, at: 1) }
    return parts.joined()
  }
}
