import JOSE
import StrictJSON
import Testing

@Suite("RFC 7515 §4 Header")
struct JOSEHeaderTests {
  func parse(_ header: String) throws(JOSEFault) -> JOSEHeader {
    try CompactJWS(parsing: Base64URL.encode(header.utf8) + "..").header
  }

  @Test func `the members are read`() throws {
    let header = try parse(#"{"typ":"at+jwt","alg":"RS256","kid":"k","cty":"JWT","unknown":[1]}"#)
    #expect(header.algorithm == .rs256 && header.algorithmName == "RS256")
    #expect(header.type == "at+jwt" && header.keyID == "k" && header.contentType == "JWT")
    #expect(header.critical == nil && !header.hasEmbeddedKey)
  }

  @Test(arguments: ["[]", "null", "\"alg\"", "1"]) func `a header must be an object`(_ text: String) {
    #expect(throws: JOSEFault.headerNotObject) { try parse(text) }
  }

  @Test(arguments: [
    "", "{", "{} {}", #"{"alg":"ES256","alg":"none"}"#, #"{"alg":"ES256","\u0061lg":"none"}"#, "\u{FEFF}{}",
  ])
  func `a header must be JSON without repeated members`(_ text: String) {
    #expect {
      try parse(text)
    } throws: { error in
      if case .headerNotJSON = error as? JOSEFault { true } else { false }
    }
  }

  @Test(
    arguments: [
      ("alg", "{}"), ("alg", #"{"alg":1}"#), ("alg", #"{"alg":null}"#), ("alg", #"{"alg":["ES256"]}"#),
      ("alg", #"{"Alg":"ES256"}"#), ("kid", #"{"alg":"ES256","kid":7}"#), ("typ", #"{"alg":"ES256","typ":{}}"#),
      ("cty", #"{"alg":"ES256","cty":false}"#), ("jwk", #"{"alg":"ES256","jwk":"x"}"#),
      ("jku", #"{"alg":"ES256","jku":{}}"#), ("x5u", #"{"alg":"ES256","x5u":1}"#),
      ("x5c", #"{"alg":"ES256","x5c":"x"}"#), ("x5c", #"{"alg":"ES256","x5c":[]}"#),
      ("x5t", #"{"alg":"ES256","x5t":[]}"#),
    ])
  func `a missing alg or a member of the wrong type is named`(_ name: String, _ text: String) {
    #expect(throws: JOSEFault.headerMember(name)) { try parse(text) }
  }

  @Test(arguments: ["[]", "\"exp\"", "null", "[1]", #"["exp","exp"]"#, #"["absent"]"#, #"["exp","absent"]"#, "{}"])
  func `crit must be a list of different names that are present`(_ critical: String) {
    #expect(throws: JOSEFault.headerMember("crit")) { try parse(#"{"alg":"ES256","exp":1,"crit":\#(critical)}"#) }
  }

  @Test(arguments: [#""jwk":{}"#, #""jku":"https://e"# + "\"", #""x5u":"u""#, #""x5c":["c"]"#])
  func `an embedded key is recorded and nothing more`(_ member: String) throws {
    #expect(try parse("{\"alg\":\"ES256\",\(member)}").hasEmbeddedKey)
  }
}
