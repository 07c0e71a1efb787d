import Catalogue
import Dialects
import Foundation
import StrictJSON
import Testing
import Vocabulary

@Suite("Contracts as data")
struct ContractTests {
  static let context = RenderingContext(
    trace: TraceID(random: 1, 2), path: "/x", realm: "r", issuer: "http://issuer.example", resourceMetadata: nil)

  @Test(arguments: Contract.bundledNames)
  func `every bundled contract loads`(_ name: String) throws {
    let source = try #require(Contract.bundledSource(name))
    _ = try Contract.load(yaml: source, file: name)
  }

  @Test(arguments: Contract.bundledNames)
  func `every code is worded: valid JSON, an error status, the mandatory headers`(_ name: String) throws {
    let contract = try #require(Contract.bundled(name))
    for code in Code.allCases {
      for place in code.entry.places where (place == .api || place == .token) && code.entry.status >= 400 {
        let wire = contract.render(.example(code), at: place, Self.context)
        #expect((400...599).contains(wire.status), "\(name) \(code)")
        #expect(throws: Never.self) { try JSON(parsing: wire.body) }
        let headers = Dictionary(wire.headers.map { ($0.name, $0.value) }) { first, _ in first }
        #expect(headers["Cache-Control"] == "no-store")
        #expect(headers["Trace-Id"] == Self.context.trace.description)
        #expect((headers["WWW-Authenticate"] != nil) || wire.status != 401, "\(name) \(code) at \(place)")
        if code == .credentialsMissing { #expect(headers["WWW-Authenticate"]?.contains("error") == false) }
      }
    }
  }

  @Test(arguments: [
    ("path: /oauth/reauthenticate", "path: /oauth/authorize", "path of its own"),
    ("path: /oauth/reauthenticate", "path: oauth", "path of its own"),
    ("path: /oauth/reauthenticate", "pth: /oauth", "path"), ("resource_parameter", "resource_paramter", "perhaps"),
    ("response_types: [vehicle_id, none]", "response_types: []", "one at least"),
    (", response_types: [vehicle_id, none]", "", "response_types"),
  ])
  func `re-authentication is refused with its line where it is wrong`(
    _ good: String, _ bad: String, _ words: String
  ) throws {
    let source = try #require(Contract.bundledSource("smartcar-v2"))
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    let line = try #require(lines.firstIndex { $0.contains("reauthentication:") }) + 1
    do throws(ConfigurationRefusal) {
      _ = try Contract.load(yaml: source.replacing(good, with: bad), file: "c.yaml")
      Issue.record("it loaded")
    } catch {
      #expect(error.explanation.sentence.hasPrefix("c.yaml:\(line): "))
      #expect(error.explanation.sentence.contains(words))
    }
  }

  /// The vendor's own host in a body stands for a page that comes with the contract (smartcar-v3 and v2 share theirs).
  @Test func `every address in a body has its page, with the anchor`() throws {
    let contracts = Contract.bundledNames.compactMap(Contract.bundled)
    let pages = contracts.flatMap(\.documentation.pages)
    var found = 0
    for name in Contract.bundledNames {
      let source = try #require(Contract.bundledSource(name))
      for match in source.matches(of: /https:\/\/[a-z.]+(?<path>\/[^#"\s}]*)(#(?<anchor>[^"\s},]+))?/) {
        let page = pages.first { $0.path == match.path }
        #expect(page != nil, "\(name): \(match.0)")
        guard let page, let anchor = match.anchor else { continue }
        found += 1
        let html = MarkdownPage(title: page.title, markdown: page.markdown).html
        #expect(html.contains("id=\"\(anchor)\""), "\(name): \(match.0)")
      }
    }
    #expect(found > 5)
  }

  @Test func `a lowered answer equals a genuine one of the coarser code`() throws {
    let contract = try #require(Contract.bundled("oauth"))
    #expect(
      contract.render(.example(.accessTokenRevoked), at: .api, Self.context)
        == contract.render(.example(.accessTokenInvalid), at: .api, Self.context))
  }

  @Test func `what a caller sent stays inside its string`() throws {
    let contract = try #require(Contract.bundled("smartcar-v2"))
    let evil = "\"}\r\nSet-Cookie: a=b\u{0}<script>"
    let wire = contract.render(
      Refusal.grant(.codeMalformed(Echo(evil))).disclosed(), at: .token, Self.context)
    #expect(try JSON(parsing: wire.body)["error_description"]?.string == "Invalid code: \(evil).")
    for header in wire.headers { #expect(!header.value.contains("Set-Cookie")) }
  }

  /// One line of the `oauth` contract is changed; the refusal names that line.
  @Test(arguments: [
    ("{text}", "{tekst}", "contract_slot_unknown"), ("credential:", "credentials:", "configuration_key_unknown"),
    ("lifetime: 1h", "lifetime: soon", "configuration_value_invalid"),
    ("CREDENTIALS_MISSING, ", "", "contract_case_missing"),
    ("CREDENTIALS_MISSING, ", "CREDENTIALS_MISSING, CREDENTIALS_MISSING, ", "contract_case_repeated"),
    ("status: authorization-dependent", "status: 200", "contract_status_invalid"),
    ("algorithm: ES256", "algorithm: none", "configuration_value_invalid"),
    ("contract: oauth", "contract: [", "configuration_syntax"),
  ])
  func `a contract that is wrong is refused with its line`(_ old: String, _ new: String, _ reason: String) throws {
    let source = try #require(Contract.bundledSource("oauth"))
    let range = try #require(source.range(of: old))
    let broken = source.replacingCharacters(in: range, with: new)
    do throws(ConfigurationRefusal) {
      _ = try Contract.load(yaml: broken, file: "mine.yaml")
      Issue.record("it loaded")
    } catch {
      #expect(error.name.rawValue == reason)
      #expect(error.explanation.sentence.hasPrefix("mine.yaml:"))
    }
  }
}
