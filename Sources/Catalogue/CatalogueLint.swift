/// The gates of the catalogue: what it finds fails the build.
public enum CatalogueLint {
  private static let codeSections = [
    "NAME", "SYNOPSIS", "DESCRIPTION", "CAUSES", "FIX", "ON THE WIRE", "TESTING", "SEE ALSO",
  ]
  private static let reasonSections = ["NAME", "DESCRIPTION", "FIX", "SEE ALSO"]

  public static func findings() -> [String] {
    var findings: [String] = []
    var expected: Set<String> = ["errors", "reasons"]
    for (file, text) in EmbeddedTexts.all {
      do throws(Topic.Fault) { _ = try Topic(parsing: text) } catch { findings.append("\(file): \(error.rawValue)") }
    }
    let tree = TopicTree.catalogue
    for code in Code.allCases {
      expected.insert("errors." + code.rawValue)
      findings += page(tree["errors." + code.rawValue], "errors." + code.rawValue, codeSections)
      findings += words(code)
      let synopsis = tree["errors." + code.rawValue]?[section: "SYNOPSIS"] ?? ""
      if !synopsis.contains("`\(code.entry.status)`") {
        findings.append("\(code.rawValue): SYNOPSIS has another status")
      }
      if !synopsis.contains("Retryable: `\(code.entry.retry.isRetryable ? "yes" : "no")`") {
        findings.append("\(code.rawValue): SYNOPSIS has another retry verdict")
      }
    }
    var names: Set<String> = []
    for reason in Reason.all {
      expected.insert("reasons." + reason.name)
      findings += page(tree["reasons." + reason.name], "reasons." + reason.name, reasonSections)
      if !names.insert(reason.name).inserted { findings.append("\(reason.name): two reasons bear this name") }
      if !reason.name.utf8.allSatisfy({ (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "_") }) {
        findings.append("\(reason.name): a reason is lower-case letters and underscores")
      }
    }
    for topic in tree.all where !expected.contains(topic.name) {
      findings.append("\(topic.name): a page without a reason or code")
    }
    return (findings + links(of: tree)).sorted()
  }

  /// References between topics lead somewhere, and back; SEE ALSO says what the front matter says.
  public static func links(of tree: TopicTree) -> [String] {
    tree.all.flatMap { topic -> [String] in
      var findings = topic.seeAlso.compactMap { target -> String? in
        guard let other = tree[target] else { return "\(topic.name): SEE ALSO names \(target), which does not exist" }
        return other.seeAlso.contains(topic.name) ? nil : "\(topic.name): \(target) does not refer back"
      }
      let listed = (topic[section: "SEE ALSO"] ?? "").split(separator: "\n").map { String($0.dropFirst(2)) }
      if listed != topic.seeAlso { findings.append("\(topic.name): SEE ALSO and see_also differ") }
      if topic.path.count > 1, tree[topic.path.dropLast().joined(separator: ".")] == nil {
        findings.append("\(topic.name): no topic stands above it")
      }
      return findings
    }
  }

  private static func page(_ topic: Topic?, _ name: String, _ sections: [String]) -> [String] {
    guard let topic else { return ["\(name): no page"] }
    let found = topic.sections.map(\.name)
    return (found == sections ? [] : ["\(name): sections \(found), not \(sections)"]) + steps(of: topic)
  }

  /// A step says whom it is for as `StepRoles` spells it; otherwise it would be given to somebody else.
  public static func steps(of topic: Topic) -> [String] {
    (topic[section: "FIX"] ?? "").split(separator: "\n").filter { $0.hasPrefix("- ") }.compactMap { line in
      let step = line.dropFirst(2)
      let role = StepRoles.all.first { role in
        let rest = step.dropFirst(role.caption.count)
        return step.hasPrefix(role.caption) && !rest.hasPrefix(": ") && rest.first?.isLetter == false
      }
      return role.map { "\(topic.name): a step begins with \"\($0.caption): \", not \"\(step.prefix(30))\"" }
    }
  }

  /// RFC 6749 §5.2 `error_description`, and nothing a header or a page would have to escape.
  private static func words(_ code: Code) -> [String] {
    var findings: [String] = []
    let entry = code.entry
    if !entry.text.utf8.allSatisfy({ (0x20...0x7E).contains($0) && !"\"\\<>&".utf8.contains($0) }) {
      findings.append("\(code.rawValue): the text has a character outside the set")
    }
    let words = entry.title.split(separator: " ").count
    if words < 3 || words > 10 || entry.title.hasSuffix(".") {
      findings.append("\(code.rawValue): title of 3 to 10 words, no full stop")
    }
    return findings
  }
}
