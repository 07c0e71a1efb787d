/// Text that came from outside, made fit for a terminal, a log line and a page: what drives a terminal, breaks a line or
/// turns the reading direction is shown as `\u{…}` (Unicode TR36 §3; the categories Cc, Cf, Zl, Zp, Cn, Co, Cs).
public enum Printable {
  /// - Parameter limit: in characters; what is beyond is cut, and `…` says so.
  public static func text(_ source: some StringProtocol, limit: Int = .max) -> String {
    var count = 0
    var output = ""
    for scalar in source.unicodeScalars {
      if count == limit { return output + "…" }
      count += 1
      if isPrintable(scalar) {
        output.unicodeScalars.append(scalar)
      } else {
        output += "\\u{" + String(scalar.value, radix: 16) + "}"
      }
    }
    return output
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if (0x20...0x7E).contains(scalar.value) { return true }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate: return false
    default: return true
    }
  }
}
