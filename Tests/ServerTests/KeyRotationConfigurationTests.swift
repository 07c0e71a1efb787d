import AuthorizationServer
import Catalogue
import Testing
import Vocabulary

@Suite("OpenID Connect Core §10.1.1: the configuration says when signing keys rotate")
struct KeyRotationConfigurationTests {
  @Test(arguments: [
    ("{}", "90d", "1d"), ("{rotate_after: 30d}", "30d", "1d"), ("{rotate_after: 1d}", "1d", "12h"),
    ("{rotate_after: 30d, publish_before: 2d}", "30d", "2d"), ("{publish_before: 10d}", "90d", "10d"),
  ])
  func `the configuration says when`(_ text: String, _ after: String, _ before: String) throws {
    let rule = try configuration(text).keyRotation
    #expect(rule?.rotateAfter == Lifetime(parsing: after) && rule?.publishBefore == Lifetime(parsing: before))
    #expect(try configuration(text).warnings.isEmpty)
  }

  @Test func `without a word in the configuration keys rotate, and with never they do not`() throws {
    #expect(Configuration().keyRotation == .standard)
    #expect(try configuration("{rotate_after: never}").keyRotation == nil)
  }

  @Test(arguments: [
    "{rotate_after: 0}", "{rotate_after: soon}", "{rotate_after: 1d, publish_before: 1d}", "{publish_before: 91d}",
    "{rotate: 1d}", "never",
  ])
  func `what cannot be meant is refused with its line`(_ text: String) throws {
    do throws(ConfigurationRefusal) {
      _ = try configuration(text)
      Issue.record("it loaded")
    } catch { #expect(error.explanation.sentence.contains("doorward.yaml:2")) }
  }

  @Test func `a key that would sign before those who keep the key set know it is warned of`() throws {
    let warnings = try configuration("{rotate_after: 1h, publish_before: 299s}").warnings
    #expect(warnings.count == 1 && warnings.first?.location.line == 2)
    #expect(try configuration("{rotate_after: 1h, publish_before: 300s}").warnings.isEmpty)
  }

  private func configuration(_ keys: String) throws(ConfigurationRefusal) -> Configuration {
    try Configuration.load(yaml: "issuer: https://a.example\nkeys: \(keys)\n", file: "doorward.yaml") { _ in nil }
  }
}
