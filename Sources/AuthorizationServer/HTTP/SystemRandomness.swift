import Foundation

/// The system's randomness, 64 bytes at a time: a token needs several words, and each system call of its own would cost
/// more than the word. Nothing is kept from one request to the next, but for what trace ids are made of, which are no
/// secret: each connection has one of these for them.
public struct SystemRandomness: RandomNumberGenerator {
  private var words = SIMD8<UInt64>()
  private var used = 8

  public init() {}

  public mutating func next() -> UInt64 {
    if used == 8 { refill() }
    defer {
      words[used] = 0
      used += 1
    }
    return words[used]
  }

  private mutating func refill() {
    used = 0
    if withUnsafeMutableBytes(of: &words, { getentropy($0.baseAddress, $0.count) }) == 0 { return }
    // A system without the call: as the standard library asks.
    var generator = SystemRandomNumberGenerator()
    for index in 0..<8 { words[index] = generator.next() }
  }
}
