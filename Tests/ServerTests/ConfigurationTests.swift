import AuthorizationServer
import Catalogue
import Testing
import Vocabulary

@Suite("Configuration is refused when it loads, with its line")
struct ConfigurationTests {
  private func load(_ apis: String) throws(ConfigurationRefusal) -> Configuration {
    try Configuration.load(yaml: "issuer: https://a.example\napis:\n" + apis, file: "doorward.yaml") { _ in nil }
  }

  private func api(_ name: String, _ more: String) -> String {
    "  - {name: \(name), upstream: 'http://127.0.0.1:1', routes: [{match: GET /x}], \(more)}\n"
  }

  @Test(arguments: [
    ("prefix: /a", "prefix: /a"), ("host: x.example", "host: x.example"),
    ("prefix: /a, under: [v2, v3]", "prefix: /a, under: [v3]"),
  ])
  func `two APIs in one place are refused`(_ one: String, _ other: String) throws {
    do throws(ConfigurationRefusal) {
      _ = try load(api("one", one) + api("two", other))
      Issue.record("it loaded")
    } catch {
      #expect(error.name == .routeConflict)
      #expect(error.explanation.sentence.contains("doorward.yaml:4"))
    }
  }

  @Test(arguments: [
    ("prefix: /a", "prefix: /b"), ("host: x.example", "host: y.example"), ("prefix: /a", "prefix: /a, host: y.example"),
    ("prefix: /a, under: [v2]", "prefix: /a, under: [v3]"), ("prefix: /a", "prefix: /a, under: [v3]"),
  ])
  func `two APIs that a request can be told apart by are taken`(_ one: String, _ other: String) throws {
    #expect(try load(api("one", one) + api("two", other)).apis.count == 2)
  }
}
