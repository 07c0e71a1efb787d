/// The blocks of a page as HTML. Everything is escaped first; nothing of a text reaches the page as markup.
struct MarkdownContent {
  private let links: (String) -> String?
  private(set) var html = ""

  init(_ markdown: String, links: @escaping (String) -> String?) {
    self.links = links
    for block in MarkdownBlock.blocks(of: markdown) { write(block) }
  }

  private mutating func write(_ block: MarkdownBlock) {
    switch block {
    // The page has its one `h1` already: a heading of the first level leaves its anchors only.
    case .heading(let level, let title, let anchors):
      html += anchors.map { "<span id=\"\($0)\"></span>" }.joined()
      if level > 1 { html += "<h2 id=\"\(Self.anchor(title))\">\(Self.inline(title))</h2>\n" }
    case .paragraph(let lines): html += "<p>" + lines.map(Self.inline).joined(separator: "\n") + "</p>\n"
    case .bullets(let items): html += "<ul>\n" + items.map(bullet).joined() + "</ul>\n"
    case .code(let lines):
      html += "<pre><code>" + lines.map(MarkdownPage.escape).joined(separator: "\n") + "</code></pre>\n"
    case .table(let rows): html += Self.table(rows)
    }
  }

  private func bullet(_ item: String) -> String {
    let content = links(item).map { address in
      "<a href=\"\(MarkdownPage.escape(address))\">\(MarkdownPage.escape(item))</a>"
    }
    return "<li>\(content ?? Self.inline(item))</li>\n"
  }

  private static func table(_ rows: [[String]]) -> String {
    func row(_ cells: [String], _ tag: String) -> String {
      "<tr>" + cells.map { "<\(tag)>\(inline($0))</\(tag)>" }.joined() + "</tr>\n"
    }
    guard let head = rows.first else { return "" }
    return "<table>\n<thead>" + row(head, "th") + "</thead>\n<tbody>"
      + rows.dropFirst().map { row($0, "td") }.joined() + "</tbody></table>\n"
  }

  /// Inline code; links and bold outside it.
  private static func inline(_ text: String) -> String {
    alternate(MarkdownPage.escape(text), at: "`") { part, isCode in
      isCode ? "<code>\(part)</code>" : linked(alternate(part, at: "**") { $1 ? "<strong>\($0)</strong>" : $0 })
    }
  }

  /// `[text](address)`: an address on this server or of the web; any other scheme stays text.
  private static func linked(_ text: String) -> String {
    var output = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "["), let middle = rest[open...].firstRange(of: "]("),
      let close = rest[middle.upperBound...].firstIndex(of: ")")
    {
      let address = rest[middle.upperBound..<close]
      let label = rest[rest.index(after: open)..<middle.lowerBound]
      // The demo's sample application answers on this machine.
      let isAddress = ["/", "https://", "http://127.0.0.1:"].contains { address.hasPrefix($0) }
      output += rest[..<open] + (isAddress ? "<a href=\"\(address)\">\(label)</a>" : rest[open...close])
      rest = rest[rest.index(after: close)...]
    }
    return output + rest
  }

  private static func alternate(_ text: String, at mark: String, _ render: (String, Bool) -> String) -> String {
    let parts = text.split(separator: mark, omittingEmptySubsequences: false).map(String.init)
    // A mark without its partner is text.
    guard parts.count % 2 == 1 else { return mark == "`" ? render(text, false) : text }
    return parts.enumerated().map { render($1, $0 % 2 == 1) }.joined()
  }

  private static func anchor(_ text: String) -> String {
    String(text.lowercased().map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "-" }.filter { $0.isASCII })
  }
}
