import JOSE
import StrictJSON
import Testing

@Suite("RFC 7515 §7.1 Compact serialization")
struct CompactJWSTests {
  @Test func `the ES256 example of appendix A.3 is taken apart and verified`() throws {
    let text =
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
      + "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
      + "pmWQxfKTUJqPP3-Kg6NU1Q"
    let jws = try CompactJWS(parsing: text)
    #expect(jws.header.algorithm == .es256)
    #expect(jws.signature.count == 64)
    try jws.verify(with: JSONWebKey(json: Samples.ec))
    let claims = try Claims(payload: jws.payload)
    #expect(claims.issuer == "joe")
    #expect(claims.expiresAt == 1_300_819_380)
  }

  @Test func `the Ed25519 example of RFC 8037 appendix A.4 is made and verified`() throws {
    let secret = try #require(Base64URL.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A".utf8))
    let key = try SigningKey(algorithm: .edDSA, rawRepresentation: secret)
    let token = try Samples.token(header: #"{"alg":"EdDSA"}"#, payload: "Example of Ed25519 signing", key: key)
    #expect(
      token
        == "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhi"
        + "jcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
    try CompactJWS(parsing: token).verify(with: JSONWebKey(json: Samples.okp))
  }

  @Test(arguments: [("", 1), ("a", 1), (".", 2), ("a.b", 2), ("a.b.c.d", 4), ("...", 4), ("a.b.c.d.e", 5)])
  func `anything but three parts is refused`(_ text: String, _ parts: Int) {
    #expect(throws: JOSEFault.partCount(parts)) { try CompactJWS(parsing: text) }
  }

  @Test func `a part that is not base64url is named`() {
    let header = Base64URL.encode(#"{"alg":"ES256"}"#.utf8)
    #expect(throws: JOSEFault.notBase64URL(.header)) { try CompactJWS(parsing: "\(header)=.e30.AA") }
    #expect(throws: JOSEFault.notBase64URL(.payload)) { try CompactJWS(parsing: "\(header).e30=.AA") }
    #expect(throws: JOSEFault.notBase64URL(.signature)) { try CompactJWS(parsing: "\(header).e30.AB") }
    #expect(throws: JOSEFault.notBase64URL(.signature)) { try CompactJWS(parsing: "\(header).e30.AA\n") }
    #expect(throws: JOSEFault.notBase64URL(.header)) { try CompactJWS(parsing: " \(header).e30.AA") }
  }

  @Test func `an empty payload and an empty signature are forms that can be read`() throws {
    let header = Base64URL.encode(#"{"alg":"ES256"}"#.utf8)
    let jws = try CompactJWS(parsing: "\(header)..")
    #expect(jws.payload.isEmpty && jws.signature.isEmpty)
    #expect(jws.signingInput == Array("\(header).".utf8))
    #expect(throws: JOSEFault.signatureInvalid) { try jws.verify(with: JSONWebKey(json: Samples.ec)) }
  }

  @Test func `a text of 64 KiB is read and one octet more is not`() throws {
    let start = Base64URL.encode(#"{"alg":"ES256"}"#.utf8) + "."
    let room = CompactJWS.limit - start.utf8.count - 1
    let payload = String(repeating: "A", count: room - (room % 4 == 1 ? 3 : 0))
    let whole = start + payload + "." + (room % 4 == 1 ? "AAA" : "")
    #expect(whole.utf8.count == CompactJWS.limit)
    _ = try CompactJWS(parsing: whole)
    #expect(throws: JOSEFault.tooLarge(limit: CompactJWS.limit)) { try CompactJWS(parsing: whole + "A") }
  }

  @Test func `a header over 8 KiB is refused before it is decoded`() {
    let header = String(repeating: "!", count: CompactJWS.headerLimit + 1)
    #expect(throws: JOSEFault.tooLarge(limit: CompactJWS.headerLimit)) { try CompactJWS(parsing: "\(header)..") }
  }
}
