/// The blocks of a page: headings, paragraphs, bullets, fenced code and tables (a GitHub Flavored Markdown subset).
/// Everything is escaped first; nothing of a text reaches the page as markup.
struct MarkdownContent {
  /// The block whose lines are still being collected.
  private enum Block {
    case none
    case paragraph([String])
    case bullets([String])
    case code([String])
    case table([[String]])
  }

  private let links: (String) -> String?
  private var block = Block.none
  private(set) var html = ""

  init(_ markdown: String, links: @escaping (String) -> String?) {
    self.links = links
    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) { take(line) }
    finish()
  }

  private mutating func take(_ line: Substring) {
    if case .code(let lines) = block {
      if line.hasPrefix("```") { finish() } else { block = .code(lines + [String(line)]) }
      return
    }
    switch line {
    case _ where line.hasPrefix("```"):
      finish()
      block = .code([])
    case _ where line.hasPrefix("#"):
      finish()
      heading(line)
    case _ where line.hasPrefix("- "):
      if case .bullets(let items) = block {
        block = .bullets(items + [String(line.dropFirst(2))])
      } else {
        finish()
        block = .bullets([String(line.dropFirst(2))])
      }
    case _ where line.hasPrefix("|"):
      let cells = line.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
      if case .table(let rows) = block {
        block = .table(rows + [cells])
      } else {
        finish()
        block = .table([cells])
      }
    case _ where line.isEmpty: finish()
    case _:
      if case .paragraph(let lines) = block {
        block = .paragraph(lines + [String(line)])
      } else {
        finish()
        block = .paragraph([String(line)])
      }
    }
  }

  private mutating func finish() {
    switch block {
    case .none: break
    case .paragraph(let lines): html += "<p>" + lines.map(Self.inline).joined(separator: "\n") + "</p>\n"
    case .bullets(let items): html += "<ul>\n" + items.map(bullet).joined() + "</ul>\n"
    case .code(let lines):
      html += "<pre><code>" + lines.map(MarkdownPage.escape).joined(separator: "\n") + "</code></pre>\n"
    case .table(let rows): html += Self.table(rows)
    }
    block = .none
  }

  /// `## Title {#anchor}`; without one the anchor is the title in lower case. The page has its one `h1` already: a
  /// heading of the first level leaves its anchors only.
  private mutating func heading(_ line: Substring) {
    let level = line.prefix { $0 == "#" }.count
    let text = line.dropFirst(level).drop { $0 == " " }
    let title = text.prefix { $0 != "{" }
    let anchors = text.dropFirst(title.count).split(separator: "#").dropFirst().map { part in
      String(part.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") })
    }
    let trimmed = title.last == " " ? title.dropLast() : title
    html += anchors.map { "<span id=\"\($0)\"></span>" }.joined()
    if level > 1 { html += "<h2 id=\"\(Self.anchor(trimmed))\">\(Self.inline(String(trimmed)))</h2>\n" }
  }

  private func bullet(_ item: String) -> String {
    let content = links(item).map { address in
      "<a href=\"\(MarkdownPage.escape(address))\">\(MarkdownPage.escape(item))</a>"
    }
    return "<li>\(content ?? Self.inline(item))</li>\n"
  }

  /// The second row of a table is its rule: `|---|---|`.
  private static func table(_ rows: [[String]]) -> String {
    func row(_ cells: [String], _ tag: String) -> String {
      "<tr>" + cells.map { "<\(tag)>\(inline($0))</\(tag)>" }.joined() + "</tr>\n"
    }
    guard let head = rows.first else { return "" }
    return "<table>\n<thead>" + row(head, "th") + "</thead>\n<tbody>"
      + rows.dropFirst(2).map { row($0, "td") }.joined() + "</tbody></table>\n"
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
      let isAddress = address.hasPrefix("/") || address.hasPrefix("https://")
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

  private static func anchor(_ text: Substring) -> String {
    String(text.lowercased().map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "-" }.filter { $0.isASCII })
  }
}
