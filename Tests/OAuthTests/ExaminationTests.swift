import Catalogue
import Dialects
import Testing
import Vocabulary

@testable import OAuth

@Suite("What nearly fitted: RFC 6749 §2.3.1, §3.1.2; RFC 7636 §4.6")
struct ExaminationTests {
  @Test(arguments: [
    ("https://app.example/cb/", "https://app.example/cb", "by a trailing slash"),
    ("http://app.example/cb", "https://app.example/cb", "by http instead of https"),
    ("https://app.example:8443/cb", "https://app.example/cb", "in the port"),
    ("https://www.app.example/cb", "https://app.example/cb", "by www."),
    ("http://localhost/cb", "http://127.0.0.1/cb", "by localhost instead of 127.0.0.1"),
    ("https://App.example/cb", "https://app.example/cb", "in capitals only"),
    ("https%3A%2F%2Fapp.example%2Fcb", "https://app.example/cb", "by being percent-encoded twice"),
    ("https://app.example/cb?x=1", "https://app.example/cb", "in the query"),
    ("https://app.example/cb#x", "https://app.example/cb", "by a fragment"),
    ("https://app.example/cb ", "https://app.example/cb", "by white space"),
    ("https://app.example/callback2", "https://app.example/other", "in its path"),
  ])
  func `two addresses differ in one thing, and it is named`(seen: String, registered: String, how: String) throws {
    let words = try #require(Resemblance.between(seen, registered, "the registered URI"))
    #expect(words.hasSuffix(how), "\(words)")
  }

  @Test func `what has nothing in common resembles nothing`() {
    #expect(Resemblance.between("https://evil.example/x", "https://app.example/cb", "it") == nil)
    #expect(Resemblance.between("same", "same", "it") == nil)
    #expect(Resemblance.between("", "x", "it") == nil)
  }

  @Test(arguments: [
    "undefined", "null", "[object Object]", "${TOKEN}", "{{token}}", "<token>", "YOUR_API_KEY", "\"null\"",
  ])
  func `a placeholder is known for one`(text: String) { #expect(Resemblance.placeholder(text) != nil) }

  @Test(arguments: ["dwa_k3J", "e4d909c290d0", "Zm9v"])
  func `a token is no placeholder`(text: String) { #expect(Resemblance.placeholder(text) == nil) }

  private let now = Instant(secondsSince1970: 1_000_000)

  private func client(_ secrets: [Client.SecretDigest], id: String = "web") -> Client {
    Client(
      id: ClientID(id), name: ClientName(id), secrets: secrets, methods: [.basic], grants: [], scopes: .none,
      createdAt: now)
  }

  private func digest(_ text: String) -> Client.SecretDigest {
    Client.SecretDigest(digest: TokenText.digest(Secret(text)), createdAt: now)
  }

  @Test(arguments: [
    ("s3cret\n", "a trailing newline"), (" s3cret", "white space at an end"), ("\"s3cret\"", "quotation marks"),
    ("s3cret\\n", "a written \\n at its end"), ("s3cre%74", "percent-encoding"), ("s3cret,", "a `,` at its end"),
    ("s3crets3cret", "being written twice"),
  ])
  func `a secret with one accident is told to be one`(presented: String, accident: String) {
    let web = client([digest("s3cret")])
    let notices = SecretResemblance.client("web", Secret(presented), web, others: [web], now: now)
    #expect(notices.contains("without \(accident) it is a current secret of web"), "\(notices)")
    #expect(!notices.contains { $0.contains("s3cret") })
  }

  @Test func `another client's secret, and a swapped pair, are told`() {
    let web = client([digest("one")])
    let other = client([digest("two")], id: "other")
    let all = [web, other]
    #expect(
      SecretResemblance.client("web", Secret("two"), web, others: all, now: now) == ["it is the secret of client other"]
    )
    let swapped = SecretResemblance.client("one", Secret("web"), nil, others: all, now: now)
    #expect(swapped.contains("id and secret are swapped: what came as the secret is the id of client web"))
  }

  @Test(arguments: [
    ("Baerer x", "scheme `Baerer` resembles `Bearer`"),
    ("Bearer Bearer x", "the scheme is written twice: `Bearer Bearer`"),
    ("Bearer", "the scheme `Bearer` stands alone: the token after it is missing"),
    ("Bearer: x", "a sign follows the scheme: `Bearer:` instead of `Bearer`"),
    ("Bearer undefined", "it is the literal `undefined`: a variable was never set"),
    ("Basic eDp5", "`Basic` carries a client's id and secret; this API wants a token"),
    ("Bearer \"x\"", "it stands in quotation marks"),
    ("Bearer a\u{200B}b", "character 2 is U+200B, which no token has"),
  ])
  func `an Authorization header says how it was meant`(header: String, notice: String) throws {
    let rule = try #require(Contract.bundled("oauth")).credential
    #expect(CredentialResemblance.notices(header: header, rule).contains(notice))
  }

  @Test func `two faults show as two`() throws {
    let oauth = try #require(Contract.bundled("oauth"))
    let endpoint = try #require(oauth.tokenEndpoints.first)
    var web = client([digest("s")])
    web.grants = [.clientCredentials]
    let request = TokenRequest(
      endpoint: endpoint, contract: oauth,
      form: Form([
        ("grant_type", "client_credentials"), ("client_id", "web"), ("client_secret", "wrong"), ("scope", "x"),
        ("resource", "urn:none"),
      ]),
      authorization: [])
    let facts = TokenFacts(
      client: web, subjects: SubjectNaming(salt: [1]), apis: [], fixedAudience: nil, issuer: Audience("https://i"))
    var examination = Examination()
    examination.tokenRequest(request, facts, clients: [web], now: now)
    let failed = examination.checks.filter { $0.outcome == .fail }.map(\.checkpoint)
    #expect(failed == [.clientAuthenticated, .clientMethodRegistered, .scopeAllowed, .resourceKnown])
    let sources = Set(examination.checks.filter { $0.outcome == .fail }.map(\.source))
    #expect(sources == ["registration of client web", "configured APIs"])
  }
}
