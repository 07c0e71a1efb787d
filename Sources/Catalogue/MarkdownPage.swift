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
    \(MarkdownContent(markdown, links: links).html)</main></body></html>

    """
  }

  private static let style =
    ":root{color-scheme:light dark}body{font:1rem/1.6 system-ui,sans-serif;margin:2rem auto;max-width:46rem;padding:0 1rem}"
    + "pre{overflow:auto;padding:.8rem;background:color-mix(in srgb,CanvasText 7%,Canvas)}code{font-size:.92em}"
    + "h2{margin-top:2rem;font-size:1.15rem}td,th{border:1px solid;padding:.3rem .6rem;text-align:left}"

  static func escape(_ text: some StringProtocol) -> String {
    var output = ""
    // By scalar: a character is `<` with whatever combines with it, which a browser reads as `<` all the same.
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "&": output += "&amp;"
      case "\"": output += "&quot;"
      case "'": output += "&#39;"
      case _: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }
}
