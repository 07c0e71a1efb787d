import Catalogue
import Dialects
import Vocabulary

extension KeyRotationRule {
  /// The `keys` section: when signing keys rotate.
  /// - Returns: `nil` for `rotate_after: never`.
  static func load(
    _ reader: YAMLReader, _ warnings: inout [ConfigurationWarning]
  ) throws(ConfigurationRefusal) -> KeyRotationRule? {
    let entries = try reader.mapping(["rotate_after", "publish_before"])
    let ahead = try entries["publish_before"]?.lifetime("publish_before")
    if try entries["rotate_after"]?.text("rotate_after") == "never" { return nil }
    let after: Lifetime
    if let entry = entries["rotate_after"] {
      guard let given = Lifetime(parsing: try entry.text("rotate_after")), given.seconds > 0 else {
        throw .valueInvalid(
          entry.location, key: "rotate_after", seen: Excerpt(try entry.text("rotate_after")),
          expected: "never, or a time such as 30d")
      }
      after = given
    } else {
      after = standard.rotateAfter
    }
    // What is not said gives way to what is.
    let before = ahead ?? min(standard.publishBefore, Lifetime(clamping: after.seconds / 2))
    guard let rule = KeyRotationRule(rotateAfter: after, publishBefore: before) else {
      throw .valueInvalid(
        entries["publish_before"]?.location ?? reader.location, key: "publish_before",
        seen: Excerpt(before.description),
        expected: Excerpt("less than rotate_after, \(after)"))
    }
    if before < OutgoingAnswer.cacheLifetime {
      warnings.append(
        ConfigurationWarning(
          location: (entries["publish_before"] ?? entries["rotate_after"] ?? reader).location,
          sentence:
            "a key signs \(before) after it is published, but the key set may be kept for \(OutgoingAnswer.cacheLifetime): "
            + "who keeps it would refuse the first tokens of a new key"))
    }
    return rule
  }
}
