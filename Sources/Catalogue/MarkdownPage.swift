/// The small Markdown of the catalogue (headings, paragraphs, bullets, fenced code, inline code, bold, tables) as
/// HTML. Everything is escaped first; nothing of a text reaches the page as markup.
public struct MarkdownPage {
  private let title: String
  private let markdown: String
  private let links: (String) -> String?

  public init(title: String, markdown: String, links: @escaping (String) -> String? = { _ in nil }) {
    self.title = title
    self.markdown = markdown
    self.links = links
  }

  public var html: String {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <title>\(Self.escape(title))</title><style>\(Self.style)</style></head>
    <body><main><h1>\(Self.escape(title))</h1>
    \(content)</main></body></html>

    """
  }

  private static let style =
    ":root{color-scheme:light dark}body{font:1rem/1.6 system-ui,sans-serif;margin:2rem auto;max-width:46rem;padding:0 1rem}"
    + "pre{overflow:auto;padding:.8rem;background:color-mix(in srgb,CanvasText 7%,Canvas)}code{font-size:.92em}"
    + "h2{margin-top:2rem;font-size:1.15rem}td,th{border:1px solid;padding:.3rem .6rem;text-align:left}"

  private var content: String {
    var output = ""
    var paragraph: [String] = []
    var isList = false
    var code: [String]?
    func flush() {
      if !paragraph.isEmpty { output += "<p>" + paragraph.map(inline).joined(separator: "\n") + "</p>\n" }
      if isList { output += "</ul>\n" }
      paragraph = []
      isList = false
    }
    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("```") {
        if let lines = code {
          output += "<pre><code>" + lines.map(Self.escape).joined(separator: "\n") + "</code></pre>\n"
          code = nil
        } else {
          flush()
          code = []
        }
      } else if code != nil {
        code?.append(line)
      } else if line.hasPrefix("#") {
        flush()
        let level = line.prefix { $0 == "#" }.count
        let text = String(line.dropFirst(level).drop { $0 == " " })
        // The page has its one h1 already: the title.
        if level > 1 {
          output += "<h2 id=\"\(Self.anchor(text))\">\(inline(text))</h2>\n"
        } else {
          output += Self.anchors(text)
        }
      } else if line.hasPrefix("- ") {
        if !isList {
          flush()
          output += "<ul>\n"
          isList = true
        }
        let item = String(line.dropFirst(2))
        output +=
          "<li>" + (links(item).map { "<a href=\"\(Self.escape($0))\">\(Self.escape(item))</a>" } ?? inline(item))
          + "</li>\n"
      } else if line.isEmpty {
        flush()
      } else {
        if isList { flush() }
        paragraph.append(line)
      }
    }
    flush()
    return output
  }

  /// Inline code and bold.
  private func inline(_ text: String) -> String {
    let escaped = Self.escape(text)
    var output = ""
    for (index, part) in escaped.split(separator: "`", omittingEmptySubsequences: false).enumerated() {
      output += index % 2 == 1 ? "<code>\(part)</code>" : String(part)
    }
    return output
  }

  private static func anchor(_ text: String) -> String {
    String(text.lowercased().map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "-" }.filter { $0.isASCII })
  }

  /// A heading of the first level may name anchors of its own: `# title {#null #unauthorized}`.
  private static func anchors(_ text: String) -> String {
    guard let open = text.firstIndex(of: "{") else { return "" }
    return text[open...].split(separator: "#").dropFirst().map { part in
      "<span id=\"\(part.filter { $0.isLetter || $0 == "_" })\"></span>"
    }.joined()
  }

  static func escape(_ text: some StringProtocol) -> String {
    var output = ""
    for character in text {
      switch character {
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "&": output += "&amp;"
      case "\"": output += "&quot;"
      case "'": output += "&#39;"
      case _: output.append(character)
      }
    }
    return output
  }
}
