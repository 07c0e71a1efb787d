/// A page for a terminal: Markdown's marks dropped, paragraphs wrapped, code as it is.
struct PlainText {
  private let width: Int

  init(width: Int) { self.width = width }

  func render(_ topic: Topic) -> String {
    var output = topic.title + "\n"
    for block in MarkdownBlock.blocks(of: topic.body) {
      switch block {
      case .heading(let level, let title, _): if level > 1 { output += "\n" + title + "\n" }
      case .paragraph(let lines): output += "\n" + wrapped(lines.joined(separator: " "), indent: "  ")
      case .bullets(let items): output += "\n" + items.map { wrapped($0, indent: "    ", first: "  - ") }.joined()
      case .code(let lines): output += "\n" + lines.map { $0.isEmpty ? "\n" : "    \($0)\n" }.joined()
      case .table(let rows): output += "\n" + table(rows)
      }
    }
    // A heading and what follows it stand together.
    return output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).collapsed + "\n"
  }

  /// Each row under its first cell, since a table is often wider than a terminal.
  private func table(_ rows: [[String]]) -> String {
    guard let head = rows.first else { return "" }
    return rows.dropFirst().map { row in
      zip(head, row).enumerated().map { index, cell in
        wrapped("\(cell.0): \(cell.1)", indent: "      ", first: index == 0 ? "  - " : "    ")
      }.joined()
    }.joined()
  }

  private func wrapped(_ text: String, indent: String, first: String? = nil) -> String {
    Self.wrap(Self.plain(text), width: width - indent.count).enumerated()
      .map { ($0 == 0 ? first ?? indent : indent) + $1 + "\n" }.joined()
  }

  /// Without back-ticks and bold; of a link its label and, in brackets, its address.
  static func plain(_ text: String) -> String {
    var output = ""
    for (index, part) in text.split(separator: "`", omittingEmptySubsequences: false).enumerated() {
      output += index % 2 == 1 ? String(part) : withoutLinks(part.split(separator: "**").joined())
    }
    return output
  }

  private static func withoutLinks(_ text: String) -> String {
    var output = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "["), let middle = rest[open...].firstRange(of: "]("),
      let close = rest[middle.upperBound...].firstIndex(of: ")")
    {
      let label = rest[rest.index(after: open)..<middle.lowerBound]
      output += rest[..<open] + "\(label) (\(rest[middle.upperBound..<close]))"
      rest = rest[rest.index(after: close)...]
    }
    return output + rest
  }

  static func wrap(_ line: String, width: Int) -> [String] {
    var lines: [String] = []
    var current = ""
    for word in line.split(separator: " ") {
      if !current.isEmpty, current.count + word.count + 1 > width {
        lines.append(current)
        current = ""
      }
      current += current.isEmpty ? String(word) : " " + word
    }
    return lines + [current]
  }
}

extension [String] {
  /// Without an empty line after a heading, and without two empty lines in a row.
  fileprivate var collapsed: String {
    var lines: [String] = []
    for line in self {
      let follows = lines.last.map { $0.isEmpty || !$0.hasPrefix(" ") } ?? true
      if line.isEmpty, follows, lines.count > 1 { continue }
      lines.append(line)
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines.joined(separator: "\n")
  }
}
