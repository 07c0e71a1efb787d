import JOSE
import Testing

@Suite("RFC 7515 §2 Base64url")
struct TokenPartCodingTests {
  @Test func `the example of appendix C is encoded without padding`() {
    #expect(Base64URL.encode([3, 236, 255, 224, 193]) == "A-z_4ME")
    #expect(Base64URL.decode("A-z_4ME".utf8) == [3, 236, 255, 224, 193])
  }

  @Test func `bytes of every length come back as they were`() {
    var generator = SystemRandomNumberGenerator()
    for length in 0..<200 {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let text = Base64URL.encode(bytes)
      #expect(Base64URL.decode(text.utf8) == bytes)
      var appended = Array("x".utf8)
      Base64URL.encode(bytes, into: &appended)
      #expect(appended == Array("x\(text)".utf8))
    }
  }

  @Test func `a collection that is not contiguous is encoded alike`() {
    let bytes: [UInt8] = [1, 2, 3, 4, 5]
    #expect(Base64URL.encode(bytes.reversed() as ReversedCollection) == Base64URL.encode([5, 4, 3, 2, 1]))
    #expect(Base64URL.decode(Array("BQQDAgE".utf8.reversed()).reversed() as ReversedCollection) == [5, 4, 3, 2, 1])
  }

  @Test(arguments: [
    "AA==", "AA=", "=", "AAA=", "A", "AAAAA", "A A", " AA", "AA\n", "A+A", "A/A", "AA.", "ÄÄ", "A\0A", "\u{7F}AA",
  ])
  func `padding, whitespace, foreign characters and impossible lengths are refused`(_ text: String) {
    #expect(Base64URL.decode(text.utf8) == nil)
  }

  @Test func `every text of two to four characters decodes only if encoding gives it back`() {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    for first in alphabet {
      for second in alphabet {
        for text in [[first, second], [0x41, first, second]] {
          guard let bytes = Base64URL.decode(text) else { continue }
          #expect(Array(Base64URL.encode(bytes).utf8) == text)
        }
      }
    }
    #expect(Base64URL.decode("AB".utf8) == nil)
    #expect(Base64URL.decode("AAB".utf8) == nil)
  }

  @Test func `every byte outside the alphabet is refused at every place`() {
    let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    for byte in UInt8.min...UInt8.max where !alphabet.contains(byte) {
      for length in [2, 3, 4, 8] {
        for place in 0..<length {
          var text = [UInt8](repeating: 0x41, count: length)
          text[place] = byte
          #expect(Base64URL.decode(text) == nil)
        }
      }
    }
  }
}
