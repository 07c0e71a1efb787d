public import Catalogue
public import Vocabulary
public import Yams

/// Reads a YAML document strictly, with the line of whatever is wrong. Shared by contracts and configuration.
public struct YAMLReader {
  public let node: Node
  public let file: String

  public init(yaml: String, file: String) throws(ConfigurationRefusal) {
    self.file = file
    guard yaml.utf8.count <= 1_048_576 else {
      throw .unreadable(SourceLocation(file: file, line: 0), "larger than 1 MiB")
    }
    do {
      guard let node = try Yams.compose(yaml: yaml) else {
        throw ConfigurationRefusal.syntax(SourceLocation(file: file, line: 1), "the file is empty")
      }
      self.node = node
    } catch let refusal as ConfigurationRefusal { throw refusal } catch {
      if case YamlError.scanner(_, let problem, let mark, _) = error {
        throw .syntax(SourceLocation(file: file, line: mark.line), Excerpt(problem))
      }
      if case YamlError.parser(_, let problem, let mark, _) = error {
        throw .syntax(SourceLocation(file: file, line: mark.line), Excerpt(problem))
      }
      throw .syntax(SourceLocation(file: file, line: 0), Excerpt("\(error)".replacing("\n", with: " ")))
    }
  }

  private init(node: Node, file: String) {
    self.node = node
    self.file = file
  }

  public var location: SourceLocation { SourceLocation(file: file, line: node.mark?.line ?? 0) }

  /// The entries of a mapping, in order; keys outside `known` are refused with the nearest known one.
  public func mapping(_ known: [String]) throws(ConfigurationRefusal) -> [String: YAMLReader] {
    guard let mapping = node.mapping else {
      throw .valueInvalid(location, key: "this", seen: Excerpt(node.string ?? "a list"), expected: "a mapping")
    }
    var entries: [String: YAMLReader] = [:]
    for (key, value) in mapping {
      let at = SourceLocation(file: file, line: key.mark?.line ?? 0)
      guard let name = key.string else { throw .syntax(at, "a key that is not a word") }
      guard known.contains(name) else {
        throw .keyUnknown(at, Excerpt(name), nearest: Spelling.nearest(to: name, among: known).map { Excerpt($0) })
      }
      entries[name] = YAMLReader(node: value, file: file)
    }
    return entries
  }

  /// The entries of a mapping whose keys are names of the operator's own, in order, each with where it stands.
  public func named() throws(ConfigurationRefusal) -> [(name: String, at: SourceLocation, value: YAMLReader)] {
    guard let mapping = node.mapping else {
      throw .valueInvalid(location, key: "this", seen: Excerpt(node.string ?? "a list"), expected: "a mapping")
    }
    var entries: [(name: String, at: SourceLocation, value: YAMLReader)] = []
    for (key, value) in mapping {
      let at = SourceLocation(file: file, line: key.mark?.line ?? 0)
      guard let name = key.string else { throw .syntax(at, "a key that is not a word") }
      entries.append((name, at, YAMLReader(node: value, file: file)))
    }
    return entries
  }

  public func list() throws(ConfigurationRefusal) -> [YAMLReader] {
    guard let sequence = node.sequence else {
      throw .valueInvalid(location, key: "this", seen: Excerpt(node.string ?? "a mapping"), expected: "a list")
    }
    return sequence.map { YAMLReader(node: $0, file: file) }
  }

  public func text(_ key: String) throws(ConfigurationRefusal) -> String {
    guard let text = node.scalar?.string else {
      throw .valueInvalid(location, key: Excerpt(key), seen: "a list or mapping", expected: "a text")
    }
    return text
  }

  public func bool(_ key: String) throws(ConfigurationRefusal) -> Bool {
    guard let value = node.bool else {
      throw .valueInvalid(location, key: Excerpt(key), seen: Excerpt(node.string ?? ""), expected: "true or false")
    }
    return value
  }

  public func lifetime(_ key: String) throws(ConfigurationRefusal) -> Lifetime {
    guard let value = Lifetime(parsing: try text(key)) else {
      throw .valueInvalid(
        location, key: Excerpt(key), seen: Excerpt(node.string ?? ""), expected: "a time such as 90s, 10m, 12h or 60d")
    }
    return value
  }

  public func choice<Value: RawRepresentable<String> & CaseIterable>(
    _ key: String, _: Value.Type
  ) throws(ConfigurationRefusal) -> Value {
    let name = try text(key)
    guard let value = Value(rawValue: name) else {
      let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
      throw .valueInvalid(location, key: Excerpt(key), seen: Excerpt(name), expected: Excerpt("one of " + names))
    }
    return value
  }
}

/// "Did you mean": the nearest of some names, by edit distance.
public enum Spelling {
  public static func nearest(to name: String, among names: some Sequence<String>) -> String? {
    let seen = Array(name.lowercased().utf8.prefix(64))
    let most = max(2, name.utf8.count / 3)
    var best: (name: String, distance: Int)?
    // Lengths that differ by more cannot be near.
    for candidate in names where abs(min(candidate.utf8.count, 64) - seen.count) <= most {
      let distance = distance(seen, Array(candidate.lowercased().utf8.prefix(64)))
      if distance <= most, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
  }

  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, left) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, right) in b.enumerated() {
        let substitution = diagonal + (left == right ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }
}
