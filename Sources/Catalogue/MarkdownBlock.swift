/// A page taken apart: headings, paragraphs, bullets, fenced code and tables (a GitHub Flavored Markdown subset).
enum MarkdownBlock: Equatable {
  /// `anchors` are those written out: `## Title {#one #two}`.
  case heading(level: Int, title: String, anchors: [String])
  case paragraph([String])
  case bullets([String])
  case code([String])
  /// Its rule, `|---|---|`, left out.
  case table([[String]])

  static func blocks(of markdown: String) -> [MarkdownBlock] {
    var reader = Reader()
    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) { reader.take(line) }
    reader.finish()
    return reader.blocks
  }

  private struct Reader {
    var blocks: [MarkdownBlock] = []
    private var open: MarkdownBlock?

    init() {}

    mutating func take(_ line: Substring) {
      if case .code(let lines) = open {
        if line.hasPrefix("```") { finish() } else { open = .code(lines + [String(line)]) }
        return
      }
      switch line {
      case _ where line.hasPrefix("```"):
        finish()
        open = .code([])
      case _ where line.hasPrefix("#"):
        finish()
        blocks.append(Self.heading(line))
      case _ where line.hasPrefix("- "):
        let item = String(line.dropFirst(2))
        if case .bullets(let items) = open {
          open = .bullets(items + [item])
        } else {
          finish()
          open = .bullets([item])
        }
      case _ where line.hasPrefix("|"):
        let cells = line.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
        if case .table(let rows) = open {
          open = .table(rows + [cells])
        } else {
          finish()
          open = .table([cells])
        }
      case _ where line.isEmpty: finish()
      case _:
        if case .paragraph(let lines) = open {
          open = .paragraph(lines + [String(line)])
        } else {
          finish()
          open = .paragraph([String(line)])
        }
      }
    }

    mutating func finish() {
      switch open {
      case .table(let rows): blocks.append(.table(Array(rows.prefix(1) + rows.dropFirst(2))))
      case .some(let block): blocks.append(block)
      case .none: break
      }
      open = nil
    }

    private static func heading(_ line: Substring) -> MarkdownBlock {
      let level = line.prefix { $0 == "#" }.count
      let text = line.dropFirst(level).drop { $0 == " " }
      let title = text.prefix { $0 != "{" }
      let anchors = text.dropFirst(title.count).split(separator: "#").dropFirst().map { part in
        String(part.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") })
      }
      return .heading(level: level, title: String(title.last == " " ? title.dropLast() : title), anchors: anchors)
    }
  }
}
