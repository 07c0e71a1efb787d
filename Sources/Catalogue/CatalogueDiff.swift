public import StrictJSON

/// What changed between two exports of the catalogue: callers have built on every line of the older one.
public enum CatalogueDiff {
  public struct Change: Equatable, Sendable {
    /// The code or reason.
    public let subject: String
    /// What of it: `removed`, `status`, `text` … A changelog that says both words has told its readers.
    public let aspect: String
    public let before: String
    public let after: String
    /// An addition breaks nobody.
    public let isBreaking: Bool

    public var description: String {
      isBreaking ? "\(subject): \(aspect): \(before) -> \(after)" : "\(subject): \(aspect)"
    }
  }

  private static let aspects = [
    "slug", "title", "text", "status", "error", "retry", "challenge", "lowers_to", "actors", "where",
  ]

  /// - Parameters:
  ///   - old: an export of an earlier release.
  ///   - new: an export of this one.
  public static func changes(from old: JSON, to new: JSON) -> [Change] {
    var changes: [Change] = []
    let after = keyed(new["codes"], by: "code")
    let before = keyed(old["codes"], by: "code")
    for (name, entry) in before.sorted(by: { $0.key < $1.key }) {
      guard let now = after[name] else {
        changes.append(removed(name, renamedTo: after.first { $0.value["slug"] == entry["slug"] }?.key))
        continue
      }
      changes += aspects.compactMap { difference(name, $0, entry[$0], now[$0]) }
      changes += wire(name, entry["wire"], now["wire"])
    }
    for name in after.keys.sorted() where before[name] == nil { changes.append(added(name)) }
    let reasonsAfter = keyed(new["reasons"], by: "reason")
    let reasonsBefore = keyed(old["reasons"], by: "reason")
    for (name, entry) in reasonsBefore.sorted(by: { $0.key < $1.key }) {
      guard let now = reasonsAfter[name] else {
        changes.append(removed(name, renamedTo: nil))
        continue
      }
      if let change = difference(name, "code", entry["code"], now["code"]) { changes.append(change) }
    }
    for name in reasonsAfter.keys.sorted() where reasonsBefore[name] == nil { changes.append(added(name)) }
    return changes
  }

  /// Those that a changelog does not own up to: no line of it has both the name and what changed.
  public static func unlisted(_ changes: [Change], changelog: String) -> [Change] {
    let lines = changelog.split(separator: "\n")
    return changes.filter { change in
      change.isBreaking && !lines.contains { mentions($0, change.subject) && mentions($0, change.aspect) }
    }
  }

  /// As a word: `CODE_REJECTED` is not mentioned by `DEVICE_CODE_REJECTED`.
  private static func mentions(_ line: Substring, _ name: String) -> Bool {
    line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }.contains { $0 == name }
  }

  /// Status, media type and example of each place in each contract; one that is gone counts as changed.
  private static func wire(_ name: String, _ old: JSON?, _ new: JSON?) -> [Change] {
    func places(_ list: JSON?) -> [String: JSON] {
      Dictionary(
        (list?.array ?? []).map { ("\($0["contract"]?.string ?? "") \($0["where"]?.string ?? "")", $0) }
      ) { first, _ in first }
    }
    let now = places(new)
    return places(old).sorted { $0.key < $1.key }.flatMap { key, entry -> [Change] in
      let contract = entry["contract"]?.string ?? "wire"
      return ["status", "media_type", "body"].compactMap { aspect -> Change? in
        let before = entry[aspect]?.text ?? "absent"
        let after = now[key]?[aspect]?.text ?? "absent"
        guard before != after else { return nil }
        return Change(
          subject: name, aspect: contract, before: "\(key) \(aspect) \(before)", after: after, isBreaking: true)
      }
    }
  }

  private static func keyed(_ list: JSON?, by name: String) -> [String: JSON] {
    Dictionary((list?.array ?? []).compactMap { entry in entry[name]?.string.map { ($0, entry) } }) { first, _ in first
    }
  }

  private static func difference(_ name: String, _ aspect: String, _ old: JSON?, _ new: JSON?) -> Change? {
    guard old != new else { return nil }
    return Change(
      subject: name, aspect: aspect, before: old?.text ?? "absent", after: new?.text ?? "absent", isBreaking: true)
  }

  private static func removed(_ name: String, renamedTo other: String?) -> Change {
    Change(
      subject: name, aspect: other == nil ? "removed" : "renamed", before: name, after: other ?? "absent",
      isBreaking: true)
  }

  private static func added(_ name: String) -> Change {
    Change(subject: name, aspect: "added", before: "absent", after: name, isBreaking: false)
  }
}
