/// The known name that an unknown one was probably meant to be.
enum Nearest {
  static func name(to name: String, among known: [String]) -> String? {
    let wanted = Array(name.lowercased().utf8.prefix(64))
    return known.map { ($0, distance(wanted, Array($0.lowercased().utf8))) }
      .filter { $0.1 <= max(2, wanted.count / 3) }.min { $0.1 < $1.1 }?.0
  }

  /// Insertions, deletions and replacements between two texts.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, left) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, right) in b.enumerated() {
        let replaced = diagonal + (left == right ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }
}
