/// A moment on the UTC line, to the millisecond. There is no clock inside: whoever needs "now" is given it.
public struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let millisecondsSince1970: Int64

  public init(millisecondsSince1970: Int64) { self.millisecondsSince1970 = millisecondsSince1970 }

  /// From a NumericDate (RFC 7519 §2); saturates where a hostile number would overflow.
  public init(secondsSince1970 seconds: Int64) {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    millisecondsSince1970 = overflow ? (seconds < 0 ? .min : .max) : product
  }

  /// Whole seconds, rounded down.
  public var secondsSince1970: Int64 {
    let (quotient, remainder) = millisecondsSince1970.quotientAndRemainder(dividingBy: 1000)
    return remainder < 0 ? quotient - 1 : quotient
  }

  public static func < (a: Instant, b: Instant) -> Bool { a.millisecondsSince1970 < b.millisecondsSince1970 }

  public static func + (instant: Instant, lifetime: Lifetime) -> Instant {
    let (sum, overflow) = instant.millisecondsSince1970.addingReportingOverflow(lifetime.milliseconds)
    return Instant(millisecondsSince1970: overflow ? .max : sum)
  }

  public static func - (instant: Instant, lifetime: Lifetime) -> Instant {
    let (difference, overflow) = instant.millisecondsSince1970.subtractingReportingOverflow(lifetime.milliseconds)
    return Instant(millisecondsSince1970: overflow ? .min : difference)
  }

  /// Seconds from `other` until this instant, negative when this one is earlier; saturating.
  public func seconds(since other: Instant) -> Int64 {
    let (difference, overflow) = millisecondsSince1970.subtractingReportingOverflow(other.millisecondsSince1970)
    if overflow { return millisecondsSince1970 < other.millisecondsSince1970 ? .min : .max }
    return difference / 1000
  }

  /// RFC 3339 in UTC with milliseconds: `2026-03-02T10:14:03.220Z`. Years outside 0–9999 are shown as seconds.
  public var description: String {
    let seconds = secondsSince1970
    guard (-62_167_219_200..<253_402_300_800).contains(seconds) else { return "\(seconds) s since 1970" }
    let days = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
    let clock = seconds - days * 86_400
    let (year, month, day) = Self.civil(days: days)
    let milliseconds = millisecondsSince1970 - seconds * 1000
    func pad(_ value: Int64, _ width: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    return pad(year, 4) + "-" + pad(month, 2) + "-" + pad(day, 2) + "T" + pad(clock / 3600, 2) + ":"
      + pad(clock / 60 % 60, 2) + ":" + pad(clock % 60, 2) + "." + pad(milliseconds, 3) + "Z"
  }

  /// Days since 1970-01-01 to a date of the proleptic Gregorian calendar (H. Hinnant's algorithm).
  private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}

/// A length of time in whole seconds, never negative.
public struct Lifetime: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let seconds: Int64

  /// At most a hundred years: what is longer is a slip of the pen, and would overflow sums.
  public static let maximum = Lifetime(clamping: 3_155_760_000)

  public init?(seconds: Int64) {
    guard seconds >= 0, seconds <= 3_155_760_000 else { return nil }
    self.seconds = seconds
  }

  public init(clamping seconds: Int64) { self.seconds = min(max(seconds, 0), 3_155_760_000) }

  /// Reads `90`, `90s`, `10m`, `12h` or `60d`.
  public init?(parsing text: some StringProtocol) {
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let last = text.last else { return nil }
    let unit = units[last]
    guard let count = Int64(unit == nil ? text[...] : text.dropLast()), count >= 0 else { return nil }
    let (seconds, overflow) = count.multipliedReportingOverflow(by: unit ?? 1)
    guard !overflow else { return nil }
    self.init(seconds: seconds)
  }

  public var milliseconds: Int64 { seconds * 1000 }
  public var description: String { "\(seconds) s" }
  public static func < (a: Lifetime, b: Lifetime) -> Bool { a.seconds < b.seconds }
}
