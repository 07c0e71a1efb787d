import Catalogue
import StrictJSON
import Testing

@Suite("What callers have built on does not change unseen")
struct CatalogueDiffTests {
  private let old: JSON = [
    "codes": [
      [
        "code": "CODE_REJECTED", "slug": "code-rejected", "status": 400, "text": "No.", "retry": "never",
        "wire": [["contract": "oauth", "where": "token", "status": 400, "media_type": "a/b", "body": ["error": "x"]]],
      ],
      ["code": "GONE", "slug": "gone", "status": 404],
    ],
    "reasons": [["reason": "late", "code": "CODE_REJECTED"]],
  ]

  private func changed(_ from: String, _ to: String) throws -> JSON {
    try JSON(parsing: Array(old.text.replacing(from, with: to).utf8))
  }

  @Test func `nothing changed, nothing said`() {
    #expect(CatalogueDiff.changes(from: old, to: old).isEmpty)
  }

  @Test(arguments: [
    ("\"status\":400,\"text\"", "\"status\":401,\"text\"", "CODE_REJECTED", "status"),
    ("No.", "Never.", "CODE_REJECTED", "text"), ("\"retry\":\"never\"", "\"retry\":\"same\"", "CODE_REJECTED", "retry"),
    ("{\"error\":\"x\"}", "{\"error\":\"y\"}", "CODE_REJECTED", "oauth"),
    ("\"code\":\"GONE\"", "\"code\":\"LEFT\"", "GONE", "renamed"),
    ("\"code\":\"GONE\",\"slug\":\"gone\"", "\"code\":\"LEFT\",\"slug\":\"left\"", "GONE", "removed"),
    ("\"reason\":\"late\"", "\"reason\":\"later\"", "late", "removed"),
    ("\"late\",\"code\":\"CODE_REJECTED\"", "\"late\",\"code\":\"GONE\"", "late", "code"),
  ])
  func `a change breaks the build until the changelog owns up to it`(
    _ from: String, _ to: String, _ subject: String, _ aspect: String
  ) throws {
    let new = try changed(from, to)
    #expect(new != old)
    let changes = CatalogueDiff.changes(from: old, to: new)
    #expect(changes.contains { $0.subject == subject && $0.aspect == aspect && $0.isBreaking })
    let open = CatalogueDiff.unlisted(changes, changelog: "- `X\(subject)` \(aspect)\n- `\(subject)` was touched")
    #expect(open.contains { $0.subject == subject && $0.aspect == aspect })
    #expect(CatalogueDiff.unlisted(changes, changelog: "- `\(subject)`: \(aspect) changed, because").isEmpty)
  }

  @Test func `what is new breaks nobody`() {
    let empty: JSON = ["codes": [], "reasons": []]
    let changes = CatalogueDiff.changes(from: empty, to: old)
    #expect(changes.count == 3)
    #expect(changes.allSatisfy { !$0.isBreaking })
    #expect(CatalogueDiff.unlisted(changes, changelog: "").isEmpty)
  }
}

@Suite("Pages of the manual")
struct ManualPageTests {
  @Test func `nothing of a text is read as a request to the formatter`() {
    let topic = Topic(
      name: "errors.X", title: "X", stability: "stable", seeAlso: [],
      body: "# x\n\n## NAME\n\nx — a name.\n\n## TEXT\n\n.so /etc/passwd\n\n'quoted \\fB\n\n```\n.ft \\\n'a ~^`\n```\n")
    let page = topic.man(release: "r")
    let requests = page.split(separator: "\n").filter { $0.hasPrefix(".") || $0.hasPrefix("'") }
    #expect(
      requests.allSatisfy { line in [".TH", ".SH", ".PP", ".RS", ".nf", ".fi", ".RE"].contains { line.hasPrefix($0) } })
    #expect(page.contains("\\&.so /etc/passwd"))
    #expect(page.contains("\\&'quoted \\efB") || page.contains("'quoted \\efB"))
    #expect(page.utf8.allSatisfy { $0 < 0x80 })
  }
}
