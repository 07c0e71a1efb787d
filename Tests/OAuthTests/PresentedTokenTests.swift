import Catalogue
import Dialects
import OAuth
import Testing
import Vocabulary

@Suite("RFC 6750 §2 Authenticated requests")
struct PresentedTokenTests {
  func reason(_ contract: String, _ authorization: [String], query: [(String, String)]? = nil) throws -> String {
    let rule = try #require(Contract.bundled(contract)).credential
    do throws(Refusal) {
      return try PresentedToken.extract(rule, authorization: authorization, query: query.map(Form.init)).token.reveal()
    } catch { return error.reason.name }
  }

  @Test(arguments: [
    ([String](), "authorization_header_absent"), ([""], "authorization_header_absent"),
    (["Bearer"], "authorization_syntax"),
    (["Bearer "], "authorization_syntax"), (["Bearer a b"], "authorization_syntax"),
    (["Baerer t"], "authorization_scheme_unsupported"),
    (["t"], "authorization_scheme_unsupported"), (["Bearer t", "Bearer t"], "credentials_repeated"),
    (["bearer t"], "t"),
    (["Bearer t\u{e9}"], "authorization_syntax"), (["Basic dDp0"], "authorization_scheme_unsupported"),
  ])
  func `one token comes from the header`(_ authorization: [String], _ expected: String) throws {
    #expect(try reason("oauth", authorization) == expected)
  }

  @Test func `a token in the query is read only where the contract says so`() throws {
    #expect(try reason("oauth", [], query: [("access_token", "t")]) == "token_in_query_not_accepted")
    #expect(try reason("oauth", ["Bearer t"], query: [("access_token", "t")]) == "credentials_repeated")
    #expect(try reason("shaid", [], query: [("access_token", "t")]) == "t")
    #expect(try reason("shaid", ["h"], query: [("access_token", "t")]) == "h")
    #expect(try reason("shaid", [""], query: [("access_token", "t")]) == "t")
    #expect(try reason("shaid", [], query: [("access_token", "t"), ("access_token", "u")]) == "credentials_repeated")
  }

  @Test func `one contract compares the scheme with case`() throws {
    #expect(try reason("cyoda", ["bearer t"]) == "authorization_scheme_unsupported")
    #expect(try reason("cyoda", ["Bearer t"]) == "t")
  }

  @Test func `a token that is not a scheme is never repeated in a record`() throws {
    let rule = try #require(Contract.bundled("oauth")).credential
    do throws(Refusal) {
      _ = try PresentedToken.extract(rule, authorization: ["dwa_canary12345 x"], query: nil)
    } catch { #expect(!error.explanation.sentence.contains("canary")) }
  }
}
