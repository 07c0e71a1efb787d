import JOSE
import StrictJSON
import Testing

@Suite("RFC 7519 §4.1 Registered claims")
struct ClaimsTests {
  func claims(_ text: String) throws(JOSEFault) -> Claims { try Claims(payload: Array(text.utf8)) }

  @Test func `registered claims are read and the others kept in order`() throws {
    let claims = try claims(
      #"{"z":1,"iss":"i","sub":"s","aud":["a","b"],"exp":3,"nbf":1,"iat":2,"jti":"j","scope":"read"}"#)
    #expect(claims.issuer == "i" && claims.subject == "s" && claims.id == "j")
    #expect(claims.audience == ["a", "b"])
    #expect(claims.expiresAt == 3 && claims.notBefore == 1 && claims.issuedAt == 2)
    #expect(claims["scope"]?.string == "read" && claims["absent"] == nil)
    #expect(claims.json.members?.first?.name == "z")
  }

  @Test func `an absent claim is nil and an absent audience empty`() throws {
    let claims = try claims("{}")
    #expect(claims.issuer == nil && claims.subject == nil && claims.id == nil && claims.audience.isEmpty)
    #expect(claims.expiresAt == nil && claims.notBefore == nil && claims.issuedAt == nil)
  }

  @Test func `one audience may stand alone`() throws {
    #expect(try claims(#"{"aud":"a"}"#).audience == ["a"])
  }

  @Test(
    arguments: [
      ("0", 0), ("-1", -1), ("1.9", 1), ("-1.5", -2), ("1e3", 1000), ("1.5E+1", 15), ("1e-3", 0),
      ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min), ("1700000000.999", 1_700_000_000),
    ])
  func `a time may have a fraction, which is cut off downwards`(_ text: String, _ time: Int64) throws {
    #expect(try claims("{\"exp\":\(text)}").expiresAt == time)
  }

  @Test(arguments: ["9223372036854775808", "1e19", "-1e19", "1e400", "-1e400", "99999999999999999999999999999999.5"])
  func `a time that does not fit 64 bits is refused`(_ text: String) {
    for name in ["exp", "nbf", "iat"] {
      #expect(throws: JOSEFault.claimMalformed(name)) { try claims("{\"\(name)\":\(text)}") }
    }
  }

  @Test(arguments: ["exp", "nbf", "iat"], [#""1700000000""#, "null", "true", "[1]", "{}"])
  func `a time of another type is refused`(_ name: String, _ value: String) {
    #expect(throws: JOSEFault.claimMalformed(name)) { try claims("{\"\(name)\":\(value)}") }
  }

  @Test(arguments: ["iss", "sub", "jti", "aud"], ["1", "null", "true", "{}", "[1]", #"["a",null]"#])
  func `a text of another type is refused`(_ name: String, _ value: String) {
    #expect(throws: JOSEFault.claimMalformed(name)) { try claims("{\"\(name)\":\(value)}") }
  }

  @Test func `a payload that is no object is refused`() {
    #expect(throws: JOSEFault.payloadNotObject) { try claims("[]") }
    #expect(throws: JOSEFault.payloadNotObject) { try claims("\"x\"") }
  }

  @Test(arguments: ["", "{", "{}x", #"{"sub":"a","sub":"b"}"#, #"{"exp":01}"#, #"{"exp":NaN}"#])
  func `a payload that is not JSON or repeats a claim is refused`(_ text: String) {
    #expect {
      try claims(text)
    } throws: { error in
      if case .payloadNotJSON = error as? JOSEFault { true } else { false }
    }
  }
}
