import JOSE
import StrictJSON
import Testing

@Suite("RFC 7515 §5.2 Tokens changed at random")
struct MutationTests {
  /// The same changes on every run, so that a failure can be found again.
  struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
  }

  @Test func `no changed token is accepted, and none stops the reader`() throws {
    let key = try #require(Samples.keys[.edDSA])
    let token = Array(try key.sign(payload: Array(#"{"sub":"1","exp":2}"#.utf8), type: "at+jwt").utf8)
    var generator = Generator(state: 42)
    for _ in 0..<5000 {
      var changed = token
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<changed.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: changed[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: changed.remove(at: place)
        case 2: changed.insert(changed[place], at: place)
        default: changed.swapAt(place, Int.random(in: 0..<changed.count, using: &generator))
        }
      }
      guard changed != token else { continue }
      #expect(throws: JOSEFault.self) { try CompactJWS(parsing: changed).verify(with: key.publicKey) }
    }
  }

  @Test func `headers, claims and keys of random octets are answered with a fault or a value`() {
    var generator = Generator(state: 7)
    let pieces = [
      "{", "}", "[", "]", ":", ",", "\"alg\"", "\"ES256\"", "\"crit\"", "\"exp\"", "\"aud\"", "1e999", "-0", "0.5",
      "null", "\"kty\"",
      "\"RSA\"", "\"n\"", "\"e\"", "\"AQAB\"", "\"\\ud800\"", "\"x\"", " ",
    ]
    for _ in 0..<5000 {
      let count = Int.random(in: 0...12, using: &generator)
      let text = (0..<count).compactMap { _ in pieces.randomElement(using: &generator) }.joined()
      _ = try? Claims(payload: Array("{\(text)}".utf8))
      _ = try? CompactJWS(parsing: Base64URL.encode("{\(text)}".utf8) + "..")
      if let json = try? JSON(parsing: Array("{\(text)}".utf8)) { _ = try? JSONWebKey(json: json) }
    }
  }
}
