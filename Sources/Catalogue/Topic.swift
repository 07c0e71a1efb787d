public import StrictJSON

/// One page of the documentation: a Markdown text with front matter and named sections.
public struct Topic: Equatable, Sendable {
  public struct Section: Equatable, Sendable {
    public let name: String
    public let body: String
  }

  /// Dotted: `errors.ACCESS_TOKEN_EXPIRED`.
  public let name: String
  public let title: String
  public let stability: String
  public let seeAlso: [String]
  /// The Markdown after the front matter.
  public let body: String

  public var path: [String] { name.split(separator: ".").map(String.init) }

  public init(name: String, title: String, stability: String, seeAlso: [String], body: String) {
    self.name = name
    self.title = title
    self.stability = stability
    self.seeAlso = seeAlso
    self.body = body
  }

  /// Why a text is not a topic.
  public enum Fault: String, Error, Sendable {
    case noFrontMatter = "the text does not begin with front matter between two lines of ---"
    case noTopic = "the front matter has no topic"
    case noTitle = "the front matter has no title"
  }

  /// Reads `topic`, `title`, `stability` and `see_also` (one `- name` a line), and the body.
  public init(parsing text: String) throws(Fault) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") else { throw .noFrontMatter }
    var fields: [String: String] = [:]
    var seeAlso: [String] = []
    for line in lines[1..<end] {
      if line.hasPrefix("  - ") {
        seeAlso.append(String(line.dropFirst(4)))
      } else if let colon = line.firstIndex(of: ":") {
        var value = line[line.index(after: colon)...]
        while value.first == " " { value = value.dropFirst() }
        fields[String(line[..<colon])] = String(value)
      }
    }
    guard let name = fields["topic"], !name.isEmpty else { throw .noTopic }
    guard let title = fields["title"], !title.isEmpty else { throw .noTitle }
    var body = lines[(end + 1)...].joined(separator: "\n")[...]
    while body.first == "\n" { body = body.dropFirst() }
    while body.hasSuffix("\n\n") { body = body.dropLast() }
    self.init(
      name: name, title: title, stability: fields["stability"] ?? "stable", seeAlso: seeAlso,
      body: body.hasSuffix("\n") ? String(body) : body + "\n")
  }

  /// The body split at its `## ` headings.
  public var sections: [Section] {
    var sections: [Section] = []
    var name: String?
    var lines: [Substring] = []
    func flush() {
      if let name { sections.append(Section(name: name, body: Self.trimmed(lines.joined(separator: "\n")))) }
    }
    for line in body.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("## ") {
        flush()
        name = String(line.dropFirst(3))
        lines = []
      } else {
        lines.append(line)
      }
    }
    flush()
    return sections
  }

  public subscript(section name: String) -> String? { sections.first { $0.name == name }?.body }

  /// The first paragraph of DESCRIPTION, or of the body, with its inline Markdown.
  public var synopsis: String {
    let text = self[section: "DESCRIPTION"] ?? body
    let paragraph = text.split(separator: "\n", omittingEmptySubsequences: false)
      .drop { $0.isEmpty || $0.hasPrefix("#") }.prefix { !$0.isEmpty }
    return paragraph.joined(separator: " ")
  }

  private static func trimmed(_ text: String) -> String {
    var text = text[...]
    while let first = text.first, first.isWhitespace { text = text.dropFirst() }
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return String(text)
  }

  /// Where nobody filled them: without a server there is no wire to show.
  private static func withoutSlot(_ text: String) -> String {
    text.replacingSlot("{wire}", with: "The page of this code shows an example of every contract.")
      .replacingSlot("{index}", with: TopicTree.index)
      .replacingSlot("{reasons}", with: TopicTree.reasonIndex)
  }

  /// The topic document, in the key order its callers know; `children` is left out when there are none.
  public func descriptor(children: [String]) -> JSON {
    var members: [JSON.Member] = [
      .init("topic", .string(name)), .init("path", .array(path.map { .string($0) })), .init("title", .string(title)),
      .init("synopsis", .string(synopsis)), .init("body", .string(Self.withoutSlot(body))),
      .init(
        "sections",
        .array(sections.map { ["name": .string($0.name), "body": .string(Self.withoutSlot($0.body))] })),
      .init("see_also", .array(seeAlso.map { .string($0) })), .init("stability", .string(stability)),
      .init("actions", []),
    ]
    if !children.isEmpty { members.append(.init("children", .array(children.map { .string($0) }))) }
    return .object(members)
  }
}
