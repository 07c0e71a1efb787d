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
}
