import Catalogue

/// What a caller would like to read (RFC 9110 §12.5.1).
struct AcceptHeader {
  private struct Range {
    let type: Substring
    let subtype: Substring
    /// In thousandths.
    let weight: Int
  }

  private let ranges: [Range]

  /// Ranges that cannot be read are not there.
  init(_ text: String) {
    ranges = text.lowercased().split(separator: ",").prefix(32).compactMap { part in
      let fields = part.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }[...] }
      let names = fields.first?.split(separator: "/", omittingEmptySubsequences: false) ?? []
      guard names.count == 2, !names[0].isEmpty, !names[1].isEmpty else { return nil }
      let weight = fields.dropFirst().first { $0.hasPrefix("q=") }.map { Self.weight($0.dropFirst(2)) } ?? 1000
      return Range(type: names[0], subtype: names[1], weight: weight)
    }
  }

  /// `0.5` as 500; what is no weight counts for nothing.
  private static func weight(_ text: Substring) -> Int {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard let whole = parts.first.flatMap({ Int($0) }), (0...1).contains(whole), parts.count <= 2 else { return 0 }
    let digits = parts.count == 2 ? parts[1].prefix(3) : ""
    guard digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return 0 }
    let padded = digits + String(repeating: "0", count: 3 - digits.count)
    return min(1000, whole * 1000 + (Int(padded) ?? 0))
  }

  /// Whether that very type is named, and not only `*/*`.
  func names(_ format: PageFormat) -> Bool { verdict(format).map { $0.weight > 0 && $0.precision == 2 } ?? false }

  /// The best of what there is: the highest weight; of equal ones what is named more exactly; of those the first.
  /// `nil` when nothing of it is wanted, or nothing was said.
  func preferred(among formats: [PageFormat]) -> PageFormat? {
    var best: (format: PageFormat, verdict: (weight: Int, precision: Int))?
    for format in formats {
      guard let verdict = verdict(format), verdict.weight > 0 else { continue }
      if let best, best.verdict >= verdict { continue }
      best = (format, verdict)
    }
    return best?.format
  }

  /// The weight of the most exact range that covers a format.
  private func verdict(_ format: PageFormat) -> (weight: Int, precision: Int)? {
    ranges.compactMap { range -> (weight: Int, precision: Int)? in
      switch (range.type, range.subtype) {
      case ("*", "*"): (range.weight, 0)
      case (let type, "*"): format.mediaType.hasPrefix(type + "/") ? (range.weight, 1) : nil
      case (let type, let subtype): covers(format, type, subtype) ? (range.weight, 2) : nil
      }
    }.max { $0.precision < $1.precision }
  }

  private func covers(_ format: PageFormat, _ type: Substring, _ subtype: Substring) -> Bool {
    switch format {
    case .json: type == "application" && (subtype == "json" || subtype.hasSuffix("+json"))
    case .html: type + "/" + subtype == format.mediaType || type == "application" && subtype == "xhtml+xml"
    case .markdown, .text, .man: type + "/" + subtype == format.mediaType
    }
  }
}
