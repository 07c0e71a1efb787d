/// People put secrets where names belong: a client's id and secret swapped, a token in a path. What looks like a
/// credential is cut to its first letters before anything is kept of it.
public enum Redaction {
  private static let prefixes = ["dwa_", "dwr_", "dws_", "dwc_", "dwn_", "eyJ"]
  /// Of a run that may be one.
  private static let shortest = 16

  /// The text with every run of 44 or more token characters (a key's name, which is public, has 43), and every run that begins like a secret of ours or a
  /// JWT, replaced by its start and its length.
  public static func withoutSecrets(_ text: String) -> String {
    var longest = 0
    var run = 0
    var mayBeNamed = false
    for byte in text.utf8 {
      run = isTokenByte(byte) ? run + 1 : 0
      longest = max(longest, run)
      mayBeNamed = mayBeNamed || byte == UInt8(ascii: "=") || byte == UInt8(ascii: "@")
    }
    // Most texts are words.
    let named = mayBeNamed ? NamedSecrets.removed(from: text) : text
    return longest >= shortest ? withoutRuns(named) : named
  }

  private static func withoutRuns(_ text: String) -> String {
    var output = ""
    var run = ""
    func flush() {
      // What ends a sentence is not part of what stands before it.
      let end = run.reversed().prefix { $0 == "." }.count
      let tail = String(run.suffix(end))
      run.removeLast(end)
      let length = run.utf8.count
      let looksSecret =
        (length >= 44 && !isWords(run)) || (length >= shortest && prefixes.contains { run.hasPrefix($0) })
      output += looksSecret ? "\(run.prefix(4))…(\(length) characters)" : run
      output += tail
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

  /// Words as a form writes them: `error_description=User+denied+access`. Chance does not make a token of
  /// small letters with a `+` or `=` at every few.
  private static func isWords(_ run: String) -> Bool {
    let pieces = run.split { $0 == "+" || $0 == "=" }
    return pieces.count >= 3
      && pieces.allSatisfy { piece in
        piece.utf8.count <= 4
          || (piece.utf8.count <= 24
            && piece.utf8.dropFirst().allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F || $0 == 0x2E })
      }
  }

  private static func isTokenCharacter(_ scalar: Unicode.Scalar) -> Bool {
    UInt8(exactly: scalar.value).map(isTokenByte) ?? false
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool { byte.isBase64URL || ".~+=".utf8.contains(byte) }
}
