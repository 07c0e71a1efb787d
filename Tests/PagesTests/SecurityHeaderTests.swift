import Crypto
import Foundation
import Testing

@testable import Pages

@Suite("Every page is sent with what keeps it safe")
struct SecurityHeaderTests {
  @Test(arguments: SamplePages.names)
  func `no page is framed, kept, sniffed, or told about`(_ name: String) {
    let document = SamplePages.page(name, "x").document(.standard, .german)
    let headers = Dictionary(document.headers().map { ($0.name, $0.value) }) { first, _ in first }
    #expect(headers["X-Frame-Options"] == "DENY" && headers["Cache-Control"] == "no-store")
    #expect(headers["Referrer-Policy"] == "no-referrer" && headers["X-Content-Type-Options"] == "nosniff")
    #expect(headers["Content-Language"] == "de" && headers["Content-Type"] == "text/html; charset=utf-8")
    let policy = headers["Content-Security-Policy"] ?? ""
    for directive in ["default-src 'none'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
      #expect(policy.contains(directive))
    }
    #expect(!policy.contains("unsafe"))
    #expect(policy.contains("script-src") == (name == "form post"))
  }

  @Test func `the hash is that of the script on the page`() throws {
    let document = SamplePages.page("form post", "x").document(.standard, .english)
    let script = try #require(Element.all(in: document.text).first { $0.name == "script" }).text
    #expect(script == FormPostPage.script.description)
    let hash = "sha256-" + Data(SHA256.hash(data: Data(script.utf8))).base64EncodedString()
    #expect(FormPostPage.scriptHash == hash)
    #expect(SecurityHeaders.policy(for: document).hasSuffix("script-src '\(hash)'"))
  }

  @Test(arguments: [
    ("https://app.example/callback?x=1", " https://app.example https:"),
    ("https://APP.example:8443/cb", " https://app.example:8443 https:"),
    ("http://127.0.0.1:5000/cb", " http://127.0.0.1:5000 https: http://127.0.0.1:* http://localhost:*"),
    ("http://[::1]:5000/cb", " http: https: http://127.0.0.1:* http://localhost:*"),
    ("com.example.app:/cb", " com.example.app: https:"),
    ("/local", ""), ("https://a.example;script-src*/x", " https: https:"),
    ("https://u:p@app.example/", " https://app.example https:"),
    ("https://*/", " https: https:"), ("https://a.example:x/", " https: https:"),
  ])
  func `a form may lead to the application, and its address adds nothing else`(_ text: String, _ expected: String)
    throws
  {
    let address = try #require(Address(text))
    let page = SignOutPage(signedInAs: "x", action: "/logout", returnsTo: [address, address])
    let policy = SecurityHeaders.policy(for: page.document(.standard, .english))
    #expect(policy.contains("form-action 'self'\(expected); frame-ancestors"))
  }

  @Test func `a window that an application opened can still answer it`() {
    for (name, isPopup) in [("sign-in", true), ("consent", true), ("form post", true), ("account", false)] {
      let headers = SamplePages.page(name, "x").document(.standard, .english).headers()
      let opener = headers.first { $0.name == "Cross-Origin-Opener-Policy" }?.value
      #expect(opener == (isPopup ? "unsafe-none" : "same-origin"), "\(name)")
    }
  }

  @Test func `the catalogue's pages may be kept`() {
    let document = SamplePages.page("documentation", "x").document(.standard, .english)
    #expect(document.headers(.publicly(seconds: 300)).contains { $0 == ("Cache-Control", "public, max-age=300") })
    #expect(!document.text.contains("noindex"))
  }
}
