/// Outside text made harmless for the two places it may stand in (HTML §13.1.2.3, §13.2.3.5).
///
/// It goes by scalars: a `<` followed by a combining mark is one `Character`, and not equal to `"<"`, but a browser
/// reads the `<`.
enum Escaping {
  /// For the content of an element. Marks that reorder what follows them are shown as such, so that
  /// no application can call itself by a name that reads as another's (Unicode TR 36 §2.5).
  static func text(_ text: String) -> String {
    escaped(text) { scalar in
      switch scalar.value {
      case 0x09, 0x0A: return nil
      case 0x202A...0x202E, 0x2066...0x2069: return "\u{FFFD}"
      default: return forbidden(scalar) ? "\u{FFFD}" : nil
      }
    }
  }

  /// For the value of an attribute in double quotes. White space is kept by number: a hidden field comes back as it
  /// was sent.
  static func attribute(_ value: String) -> String {
    escaped(value) { scalar in
      switch scalar.value {
      case 0x09, 0x0A, 0x0D: return "&#\(scalar.value);"
      default: return forbidden(scalar) ? "\u{FFFD}" : nil
      }
    }
  }

  private static func escaped(_ text: String, _ special: (Unicode.Scalar) -> String?) -> String {
    var output = ""
    output.reserveCapacity(text.utf8.count + 16)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "&": output += "&amp;"
      case "\"": output += "&quot;"
      case "'": output += "&#39;"
      case _:
        if let replacement = special(scalar) {
          output += replacement
        } else {
          output.unicodeScalars.append(scalar)
        }
      }
    }
    return output
  }

  /// Controls and noncharacters, which no document may contain, not even by number.
  private static func forbidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F, 0xFDD0...0xFDEF: true
    case let value: value & 0xFFFE == 0xFFFE
    }
  }
}
