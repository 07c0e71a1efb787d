/// A page of the manual, in the macros of man(7), such that `man -l` and `mandoc -Tlint` have nothing to say.
public struct ManualPage {
  /// What it is asked for by: `doorward-access-token-expired`.
  public let name: String
  private let section: Int
  private let topic: Topic

  /// - Parameters:
  ///   - section: 1 for commands, 7 for everything else.
  public init(_ topic: Topic, name: String, section: Int = 7) {
    self.topic = topic
    self.name = name
    self.section = section
  }

  /// - Parameter release: stands at the foot: `Doorward 0.1.0`.
  public func text(release: String) -> String {
    var output =
      ".TH \"\(Self.escape(name.uppercased()))\" \"\(section)\" \"\(Self.date)\" \"\(release)\" \"Doorward manual\"\n"
    var isFirst = true
    for (index, part) in topic.sections.enumerated() {
      output += ".SH \(Self.escape(part.name))\n"
      isFirst = true
      if index == 0, part.name == "NAME" {
        output += Self.lines(Self.escape(name) + " \\- " + Self.escape(PlainText.plain(part.body).onOneLine))
        continue
      }
      for block in MarkdownBlock.blocks(of: part.body) {
        output += write(block, isFirst: isFirst)
        isFirst = if case .heading = block { true } else { false }
      }
    }
    return output
  }

  /// The day the manual's form was last changed; man(7) wants one, and a build must give the same bytes every day.
  private static let date = "2026-11-21"

  private func write(_ block: MarkdownBlock, isFirst: Bool) -> String {
    let paragraph = isFirst ? "" : ".PP\n"
    switch block {
    case .heading(_, let title, _): return ".SS \(Self.escape(title))\n"
    case .paragraph(let lines): return paragraph + Self.lines(Self.inline(lines.joined(separator: " ")))
    case .bullets(let items): return items.map { ".IP \\(bu 2\n" + Self.lines(Self.inline($0)) }.joined()
    case .code(let lines):
      return paragraph + ".RS 4\n.nf\n" + lines.map { Self.guarded(Self.escape($0, isCode: true)) + "\n" }.joined()
        + ".fi\n.RE\n"
    case .table(let rows):
      let head = rows.first ?? []
      return rows.dropFirst().map { row in
        ".IP \\(bu 2\n" + zip(head, row).map { Self.lines(Self.inline("\($0): \($1)")) }.joined(separator: ".br\n")
      }.joined()
    }
  }

  /// Code spans in bold, links as their label and address.
  private static func inline(_ text: String) -> String {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { index, part in
      index % 2 == 1 ? "\\fB" + escape(String(part), isCode: true) + "\\fP" : escape(PlainText.plain(String(part)))
    }.joined()
  }

  /// Input lines of at most 78 columns; none begins with a control character.
  private static func lines(_ text: String) -> String {
    PlainText.wrap(text, width: 76).map { guarded($0) + "\n" }.joined()
  }

  private static func guarded(_ line: String) -> String {
    line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
  }

  /// ASCII only; in code every character as it is typed (groff_char(7)).
  static func escape(_ text: String, isCode: Bool = false) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": output += "\\e"
      case "-": output += isCode ? "\\-" : "-"
      case "'" where isCode: output += "\\(aq"
      case "`": output += "\\(ga"
      case "^": output += "\\(ha"
      case "~": output += "\\(ti"
      case "\"" where !isCode: output += "\\(dq"
      case "\t": output += "    "
      case _ where scalar.isASCII: output.unicodeScalars.append(scalar)
      case _: output += "\\[u" + hexadecimal(scalar.value) + "]"
      }
    }
    return output
  }

  private static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

extension Topic {
  /// The name of its manual page. Codes and reasons may be spelled alike, and no name may be somebody else's.
  public var manualName: String {
    let last = String((path.last ?? name).lowercased().map { $0 == "_" ? "-" : $0 })
    return switch path.first {
    case _ where path.count == 1: "doorward-" + last
    case "errors": "doorward-" + last
    case "reasons": "doorward-reason-" + last
    case "contracts": "doorward-contract-" + last
    case _: "doorward-" + path.joined(separator: "-").lowercased()
    }
  }
}

extension String {
  /// Line ends as spaces, and no full stop at the end.
  fileprivate var onOneLine: String {
    let line = split(separator: "\n").joined(separator: " ")
    return line.hasSuffix(".") ? String(line.dropLast()) : line
  }
}
