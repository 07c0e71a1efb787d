/// A day, as a language writes it.
extension Language {
  /// - Parameter date: as RFC 3339 writes it, `2026-11-21`; anything else stays as it is.
  func day(_ date: String) -> String {
    let parts = date.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, date.utf8.count == 10, let month = Int(parts[1]), let day = Int(parts[2]),
      month > 0, let name = months.dropFirst(month - 1).first, day > 0
    else { return date }
    switch self {
    case .english: return "\(day) \(name) \(parts[0])"
    case .german: return "\(day). \(name) \(parts[0])"
    }
  }

  private var months: [String] {
    switch self {
    case .english:
      [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
      ]
    case .german:
      [
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember",
      ]
    }
  }
}
