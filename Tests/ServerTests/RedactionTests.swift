import Testing
import Vocabulary

@Suite("What looks like a credential is cut, and words are not")
struct RedactionTests {
  @Test func `the words of an answer stay whole, however long they are`() {
    for words in [
      "https://a.example/cb?error=no_vehicles&error_description=No+vehicles+found.+Please+add+vehicles+to+your+account+and+try+again.",
      "error_description=The+request+is+missing+a+parameter%2C+repeated+or+not+valid.",
      "error_message=You+have+entered+a+test+mode+VIN.+Please+enter+a+VIN+that+belongs+to+a+real+vehicle.",
    ] { #expect(Redaction.withoutSecrets(words) == words) }
  }

  @Test func `a secret is cut in whatever alphabet and wherever it stands`() {
    let secrets = [
      "dws_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG", "dwr_abcdefghijklmnop",
      "q2Vx+7Kp9ZtB4mWc8RyD+1sGhJ3nLf6QeT0uXaIoPv5M+kS7", "eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl",
      "thequickbrownfoxjumpsoverthelazydogandcomesback", "access_token=q2Vx7Kp9ZtB4mWc8RyD1sGhJ3nLf6QeT0uXaIoPv5M",
    ]
    for secret in secrets {
      let kept = Redaction.withoutSecrets("before \(secret) after")
      #expect(!kept.contains(secret) && kept.hasPrefix("before ") && kept.hasSuffix(" after"))
    }
  }

  @Test(arguments: [
    ("?pw=hunter22&x=1", "?pw=(8 characters)&x=1"), ("Client_Secret=abc-def", "Client_Secret=(7 characters)"),
    ("a=b, x-access-token=\"short1\"", "a=b, x-access-token=\"(6 characters)\""),
    ("X-Access-Token=opaque1 new_password=größer", "X-Access-Token=(7 characters) new_password=(6 characters)"),
    ("https://ada:lovelace@db.example/x", "https://ada:(8 characters)@db.example/x"),
    ("postgresql://ada:pw=abcdefgh@host", "postgresql://ada:(11 characters)@host"),
    ("https://pw=abcdefg:password@host", "https://pw=(8 characters)(8 characters)@host"),
    (
      "https://host?client_secret=S3cretValue1&next=urn:example:foo@bar",
      "https://host?client_secret=(12 characters)&next=urn:(11 characters)@bar"
    ),
    ("api_key=abcdef… and more", "api_key=(6 characters)… and more"),
    ("secret=secret=abcdef", "secret=(13 characters)"),
    ("passphrase='correct horse'", "passphrase='(13 characters)'"), ("pw=\"not closed", "pw=\"(10 characters)"),
  ])
  func `what a name says is a secret is replaced by its length`(_ text: String, _ kept: String) {
    #expect(Redaction.withoutSecrets(text) == kept)
  }

  @Test(arguments: [
    "pw=short", "spw=hunter22", "secrets=none of them", "=", "pw=", "://", "https://a.example:8080/x@y", "a@b.example",
    "https://ada:123@x", "no_secret_at_all=whatever", "expires_in=3600 seconds", "",
  ])
  func `other names and addresses stay`(_ text: String) { #expect(Redaction.withoutSecrets(text) == text) }
}
