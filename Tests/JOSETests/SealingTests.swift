import JOSE
import Testing

@Suite("NIST SP 800-38D Sealing")
struct SealingTests {
  let key = [UInt8](repeating: 7, count: 32)
  let plain = Array("a private key".utf8)
  let context = Array("signing-key/1".utf8)

  @Test func `what is sealed opens with the same key and context`() throws {
    let sealed = try Sealing.seal(plain, key: key, context: context)
    #expect(sealed.count == plain.count + 28)
    #expect(try Sealing.open(sealed, key: key, context: context) == plain)
    #expect(try Sealing.open(Sealing.seal([], key: key, context: []), key: key, context: []) == [])
  }

  @Test func `sealing twice gives two texts`() throws {
    #expect(try Sealing.seal(plain, key: key, context: []) != Sealing.seal(plain, key: key, context: []))
  }

  @Test func `another key or context does not open it`() throws {
    let sealed = try Sealing.seal(plain, key: key, context: context)
    #expect(throws: JOSEFault.sealBroken) { try Sealing.open(sealed, key: key, context: []) }
    #expect(throws: JOSEFault.sealBroken) {
      try Sealing.open(sealed, key: [UInt8](repeating: 8, count: 32), context: context)
    }
  }

  @Test func `no octet can be changed and none left out`() throws {
    let sealed = try Sealing.seal(plain, key: key, context: context)
    for index in sealed.indices {
      var changed = sealed
      changed[index] ^= 1
      #expect(throws: JOSEFault.sealBroken) { try Sealing.open(changed, key: key, context: context) }
      #expect(throws: JOSEFault.sealBroken) {
        try Sealing.open(Array(sealed.prefix(index)), key: key, context: context)
      }
    }
  }

  @Test(arguments: [0, 16, 31, 33]) func `a key that has not 32 octets is refused`(_ count: Int) {
    let key = [UInt8](repeating: 0, count: count)
    #expect(throws: JOSEFault.sealingKeyLength(count)) { try Sealing.seal([], key: key, context: []) }
    #expect(throws: JOSEFault.sealingKeyLength(count)) { try Sealing.open([], key: key, context: []) }
  }
}
