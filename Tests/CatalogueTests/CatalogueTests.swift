import Catalogue
import Foundation
import Testing

@Suite("The catalogue's gates")
struct CatalogueGates {
  @Test func `codes, reasons and pages agree`() {
    #expect(CatalogueLint.findings() == [])
  }

  @Test func `the lock names every code, in order, and only grows`() throws {
    let lock = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "catalogue.lock")
    let lines = try String(contentsOf: lock, encoding: .utf8).split(separator: "\n").map(String.init)
    #expect(lines == Code.allCases.map(\.rawValue))
  }

  @Test func `a code is found by any of its spellings`() {
    for spelling in [
      "ACCESS_TOKEN_EXPIRED", "access-token-expired", "access_token_expired", "errors.ACCESS_TOKEN_EXPIRED",
    ] {
      #expect(Code(spelled: spelling) == .accessTokenExpired)
    }
    #expect(Code(spelled: "ACCESS_TOKEN_EXPIRE") == nil)
  }

  @Test(arguments: ["Operator, with PostgreSQL: wait.", "Person; wait.", "Client developer : wait."])
  func `a step that is nearly a role's is told of`(_ step: String) throws {
    let topic = try Topic(
      parsing: "---\ntopic: a\ntitle: A\nstability: stable\n---\n\n## FIX\n\n- Operator: go on.\n- \(step)\n")
    #expect(CatalogueLint.steps(of: topic).count == 1)
  }

  @Test func `every reason has a page that names its code`() {
    for reason in Reason.all { #expect(reason.topic.seeAlso == ["errors." + reason.code.rawValue]) }
  }

  @Test func `a page's markup never comes from its text`() {
    let page = MarkdownPage(title: "<b>", markdown: "## <script>\n\n`</code><img>`\n\n- <a>\n")
    for tag in ["<script", "<img", "<a>", "<b>"] { #expect(!page.html.contains(tag)) }
  }

  @Test(arguments: ["errors.", "<x>", "a..b", "", "/errors", "errors/", "a b"])
  func `a malformed topic name is refused`(_ name: String) {
    #expect(throws: DocumentationRefusal.self) { try TopicTree.normalise(name) }
  }

  @Test func `tables, bold, code and anchors of a page reach the browser; nothing else does`() {
    let html = MarkdownPage(
      title: "t",
      markdown: """
        # t {#top #other}

        | **Field** | `Value` |
        |---|---|
        | <b> | a `*` b |

        ## NO_RESPONSE {#no-response}

        One ` mark and **two** <script>alert(1)</script>

        - an item
        """
    ).html
    #expect(html.contains("<th><strong>Field</strong></th>"))
    #expect(html.contains("&lt;b&gt;"))
    #expect(html.contains("<code>*</code>"))
    #expect(html.contains("id=\"top\"") && html.contains("id=\"other\"") && html.contains("id=\"no-response\""))
    #expect(html.contains("<h2 id=\"no_response\">NO_RESPONSE</h2>"))
    #expect(html.contains("One ` mark and <strong>two</strong> &lt;script&gt;"))
    #expect(!html.contains("<script") && !html.contains("|---"))
    #expect(html.contains("<li>an item</li>"))
  }
}
