/// The forms in which a page is served.
public enum PageFormat: String, CaseIterable, Sendable {
  case html, markdown, json, text
}

extension Topic {
  /// The Markdown, with the wire examples in place of `{wire}`.
  public func markdown(wire: String) -> String { body.replacingSlot("{wire}", with: wire) }

  /// For a terminal: headings in capitals as they are, Markdown marks dropped, paragraphs wrapped at `width`.
  public func text(width: Int) -> String {
    var output = title + "\n"
    for section in sections where section.name != "ON THE WIRE" {
      output += "\n" + section.name + "\n"
      var isCode = false
      for line in section.body.split(separator: "\n", omittingEmptySubsequences: false) {
        if line.hasPrefix("```") {
          isCode.toggle()
          continue
        }
        if isCode {
          output += "    \(line)\n"
          continue
        }
        output += line.isEmpty ? "\n" : Self.wrap(String(line.filter { $0 != "`" && $0 != "*" }), width - 2) + "\n"
      }
    }
    return output
  }

  /// A page of section 7 of the manual (groff_man(7)).
  public var man: String {
    var output = ".TH \"\(path.last ?? name)\" 7 \"\" \"Doorward\" \"Doorward errors\"\n"
    for section in sections where section.name != "ON THE WIRE" {
      output += ".SH \(section.name)\n"
      var isCode = false
      for line in section.body.split(separator: "\n", omittingEmptySubsequences: false) {
        if line.hasPrefix("```") {
          output += isCode ? ".fi\n.RE\n" : ".RS\n.nf\n"
          isCode.toggle()
          continue
        }
        if isCode {
          let verbatim = String(line).split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\e")
          output += (verbatim.hasPrefix(".") || verbatim.hasPrefix("'") ? "\\&" : "") + verbatim + "\n"
          continue
        }
        let plain = String(line.filter { $0 != "`" && $0 != "*" }).replacingSlot("\\", with: "\\e")
        if plain.isEmpty {
          output += ".PP\n"
        } else if plain.hasPrefix("- ") {
          output += ".IP \\(bu 2\n" + plain.dropFirst(2) + "\n"
        } else {
          output += (plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" : "") + plain + "\n"
        }
      }
    }
    return output
  }

  private static func wrap(_ line: String, _ width: Int) -> String {
    var lines: [String] = []
    var current = ""
    for word in line.split(separator: " ") {
      if !current.isEmpty, current.count + word.count + 1 > width {
        lines.append(current)
        current = ""
      }
      current += current.isEmpty ? String(word) : " " + word
    }
    lines.append(current)
    return lines.map { "  " + $0 }.joined(separator: "\n")
  }

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
