public import StrictJSON
import Vocabulary

/// All topics, by dotted name.
public struct TopicTree: Sendable {
  private let topics: [String: Topic]
  /// Depth first, parents before children, children by their last segment.
  public let all: [Topic]
  private let childrenByParent: [String: [String]]

  public init(_ list: [Topic]) {
    topics = Dictionary(list.map { ($0.name, $0) }) { first, _ in first }
    all = topics.values.sorted { $0.path.lexicographicallyPrecedes($1.path) }
    childrenByParent = Dictionary(grouping: all) { $0.path.dropLast().joined(separator: ".") }
      .mapValues { $0.map(\.name) }
  }

  /// Every page of the catalogue. That each parses is proved by `CatalogueLint`.
  public static let catalogue = TopicTree(
    EmbeddedTexts.all.values.compactMap { (try? Topic(parsing: $0))?.withRecipe })

  public subscript(name: String) -> Topic? { topics[name] }

  /// One bullet for each reason, with the code it ends in.
  public static let reasonIndex = Reason.all.map { "- `reasons.\($0.name)` — `\($0.code.rawValue)`" }
    .joined(separator: "\n")

  /// One bullet for each code, in the form of an error index: name, status, whether to repeat, text.
  public static let index: String = CodeFamily.allCases.map { family in
    "**\(family.rawValue)**\n\n"
      + Code.allCases.filter { $0.family == family }.map { code in
        "- `errors.\(code.rawValue)` — `\(code.entry.status)` — \(code.entry.retry.isRetryable ? "retryable" : "not retryable") — \(code.entry.text)"
      }.joined(separator: "\n")
  }.joined(separator: "\n\n")

  public func children(of name: String) -> [String] { childrenByParent[name] ?? [] }

  public func json(version: String) -> JSON {
    [
      "schema": 1, "version": .string(version),
      "topics": .array(all.map { $0.descriptor(children: children(of: $0.name)) }),
    ]
  }

  /// Up to three names that share most of their letters with a mistaken one.
  public func nearest(to name: String) -> [String] {
    guard !name.isEmpty, name.utf8.count <= 80 else { return [] }
    let last = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
    let letters = Set(last)
    return topics.keys.map { key -> (String, Int) in
      let tail = key.split(separator: ".").last.map { $0.lowercased() } ?? ""
      return (key, Set(tail).symmetricDifference(letters).count + abs(tail.count - last.count))
    }
    .filter { $0.1 <= min(5, max(2, last.count / 2)) }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(3).map(\.0)
  }

  /// A topic's name from its dotted, slashed or mixed spelling.
  public static func normalise(_ raw: String) throws(DocumentationRefusal) -> String {
    let allowed = raw.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || "._/-".utf8.contains(byte)
    }
    guard allowed, let first = raw.utf8.first, let last = raw.utf8.last, !"._/-".utf8.contains(first) else {
      throw .topicMalformed("contains disallowed characters")
    }
    let dotted = String(raw.map { $0 == "/" ? "." : $0 })
    guard !"._/-".utf8.contains(last), !dotted.contains("..") else { throw .topicMalformed("empty segment") }
    return dotted
  }
}

extension Topic {
  /// The page of a code with the recipe that suits every code, at the end of its TESTING.
  fileprivate var withRecipe: Topic {
    guard name.hasPrefix("errors."), let code = Code(rawValue: String(name.dropFirst(7))),
      let end = body.firstRange(of: "\n## SEE ALSO")
    else { return self }
    let recipe =
      "\nBeside any server in test mode, `doorward provoke \(code.rawValue) --data DIR` makes it happen and shows request and "
      + "answer; `--contract NAME` chooses whose words.\n"
    return Topic(
      name: name, title: title, stability: stability, seeAlso: seeAlso,
      body: body[..<end.lowerBound] + recipe + body[end.lowerBound...])
  }
}

extension Code {
  /// Its page; a bare one if it were missing, which the lint does not let pass.
  public var topic: Topic {
    TopicTree.catalogue["errors." + rawValue]
      ?? Topic(
        name: "errors." + rawValue, title: entry.title, stability: "stable", seeAlso: ["errors"], body: entry.text)
  }
}

extension Reason {
  public var topic: Topic {
    TopicTree.catalogue["reasons." + name]
      ?? Topic(
        name: "reasons." + name, title: name, stability: "stable", seeAlso: ["errors." + code.rawValue], body: name)
  }
}
