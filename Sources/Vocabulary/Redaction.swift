/// People put secrets where names belong: a client's id and secret swapped, a token in a path. What looks like a
/// credential is cut to its first letters before anything is kept of it.
public enum Redaction {
  private static let prefixes = ["dwa_", "dwr_", "dws_", "dwc_", "dwn_", "eyJ"]

  /// The text with every run of 40 or more token characters, and every run that begins like a secret of ours or a
  /// JWT, replaced by its start and its length.
  public static func withoutSecrets(_ text: String) -> String {
    var output = ""
    var run = ""
    func flush() {
      let length = run.utf8.count
      let looksSecret = length >= 40 || (length >= 16 && prefixes.contains { run.hasPrefix($0) })
      output += looksSecret ? "\(run.prefix(4))…(\(length) characters)" : run
      run = ""
    }
    for scalar in text.unicodeScalars {
      if isTokenCharacter(scalar) {
        run.unicodeScalars.append(scalar)
      } else {
        flush()
        output.unicodeScalars.append(scalar)
      }
    }
    flush()
    return output
  }

  private static func isTokenCharacter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "0"..."9", "A"..."Z", "a"..."z", "-", "_", ".", "~", "+", "=": true
    default: false
    }
  }
}
