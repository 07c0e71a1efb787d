/// The one style sheet, with the operator's colours in it.
public struct Stylesheet: Sendable, Hashable {
  public let text: String
  /// `/assets/<hash>.css`: another content has another address, so that a browser may keep it for good.
  public let path: String

  init(accent: Accent) {
    text =
      Self.colours(.light, accent.light) + "@media (prefers-color-scheme:dark){"
      + Self.colours(.dark, accent.dark) + "}\n" + Self.rules
    path = "/assets/\(Self.hash(text)).css"
  }

  var address: Address? { Address(path) }

  private static func colours(_ surface: Surface, _ accent: Colour) -> String {
    let (text, quiet, line, field, bad, notice, wrong) =
      switch surface {
      case .light: ("#1b1f24", "#57606a", "#dde1e6", "#7d8590", "#b3261e", "#f1f5fb", "#fdecea")
      case .dark: ("#e8eaed", "#a8b0ba", "#343a43", "#7d8793", "#ff8a80", "#212732", "#3a2226")
      }
    return ":root{--page:\(surface.page);--card:\(surface.card);--text:\(text);--quiet:\(quiet);--line:\(line);"
      + "--field:\(field);--bad:\(bad);--notice:\(notice);--wrong:\(wrong);--accent:\(accent)}"
  }

  /// FNV-1a, 64 bits: it tells contents apart, and keeps nobody out.
  private static func hash(_ text: String) -> String {
    let value = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
