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

  private func sharing(_ routes: String) -> String {
    "  - {name: one, upstream: 'http://127.0.0.1:1', prefix: /a, routes: [\(routes)], "
      + "resources: {type: car, path: /people/cars}}\n"
  }

  @Test(arguments: [
    "{match: GET /people/cars, access: everyone}", "{match: 'GET,POST /**', access: everyone}",
    "{match: 'GET /people/{name}', access: client}", "{match: HEAD /people/cars, access: everyone}",
    "{match: GET /people/cars/x}, {match: GET /**, access: everyone}",
  ])
  func `a route that opens what people have is refused`(_ routes: String) throws {
    do throws(ConfigurationRefusal) {
      _ = try load(sharing(routes))
      Issue.record("it loaded")
    } catch {
      #expect(error.name == .routeConflict)
      #expect(error.explanation.sentence.contains("doorward.yaml:3"))
      #expect(error.explanation.sentence.contains("/people/cars"))
    }
  }

  @Test(arguments: [
    "{match: GET /people/cars}, {match: GET /**, access: everyone}, {match: 'HEAD /**'}",
    "{match: POST /people/cars, access: everyone}", "{match: GET /people, access: everyone}",
    "{match: GET /people/cars/, access: everyone}",
  ])
  func `a route that does not is taken`(_ routes: String) throws {
    #expect(try load(sharing(routes)).apis.count == 1)
  }
}
