import JOSE
import StrictJSON
import Testing

@Suite("RFC 7638 §3 Thumbprint")
struct ThumbprintTests {
  @Test func `the example of section 3.1 holds`() throws {
    #expect(try JSONWebKey(json: Samples.rsa).thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
  }

  @Test func `the Ed25519 example of RFC 8037 appendix A.3 holds`() throws {
    #expect(try JSONWebKey(json: Samples.okp).thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
  }

  @Test func `the P-256 key of RFC 7515 has the thumbprint that its required members give`() throws {
    let text =
      #"{"crv":"P-256","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","#
      + #""y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#
    #expect(try JSONWebKey(json: Samples.ec).thumbprint == Base64URL.encode(SHA256Hash.digest(of: text.utf8)))
  }

  @Test func `kid, use and alg do not change it`() throws {
    let named = Samples.okp.with("kid", "x").with("use", "sig").with("alg", "EdDSA")
    #expect(try JSONWebKey(json: named).thumbprint == JSONWebKey(json: Samples.okp).thumbprint)
  }
}
