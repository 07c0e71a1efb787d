import JOSE
import Testing

@Suite("RFC 4648 §4 Base64")
struct BasicCredentialsCodingTests {
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
  ])
  func `the examples of section 10 hold, with padding and without`(_ plain: String, _ coded: String) {
    #expect(Base64.encode(Array(plain.utf8)) == coded)
    #expect(Base64.decode(coded.utf8) == Array(plain.utf8))
    #expect(Base64.decode(coded.utf8.filter { $0 != UInt8(ascii: "=") }) == Array(plain.utf8))
  }

  @Test(arguments: ["Zg=", "Zg===", "Zm9v=", "Zm9v==", "=", "==", "====", "Z===", "Zm=9", "Zh==", "Zm9-", "Zm 9v"])
  func `half padding, too much of it and the other alphabet are refused`(_ text: String) {
    #expect(Base64.decode(text.utf8) == nil)
  }
}
