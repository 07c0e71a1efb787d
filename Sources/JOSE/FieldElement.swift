/// A number modulo 2²⁵⁵ - 19, always fully reduced (RFC 8032 §5.1). For checks of public keys only: not constant time.
struct FieldElement: Equatable, Sendable {
  static let zero = FieldElement(limbs: (0, 0, 0, 0))
  static let one = FieldElement(limbs: (1, 0, 0, 0))
  private static let prime = SIMD4<UInt64>(.max - 18, .max, .max, .max >> 1)

  /// Four limbs of 64 bits, the lowest first.
  private var limbs: SIMD4<UInt64>

  init(limbs: (UInt64, UInt64, UInt64, UInt64)) { self.limbs = SIMD4(limbs.0, limbs.1, limbs.2, limbs.3) }

  /// The lower 255 bits of 32 octets; `nil` if there are not 32 or the number is not below the prime.
  init?(littleEndian octets: [UInt8]) {
    guard octets.count == 32 else { return nil }
    limbs = .zero
    for (index, octet) in octets.enumerated() { limbs[index / 8] |= UInt64(octet) << (index % 8 * 8) }
    limbs[3] &= .max >> 1
    guard Self.isBelowPrime(limbs) else { return nil }
  }

  private static func isBelowPrime(_ limbs: SIMD4<UInt64>) -> Bool {
    for index in (0..<4).reversed() where limbs[index] != prime[index] { return limbs[index] < prime[index] }
    return false
  }

  private static func subtracting(_ left: SIMD4<UInt64>, _ right: SIMD4<UInt64>) -> SIMD4<UInt64> {
    var result = SIMD4<UInt64>.zero
    var borrow: UInt64 = 0
    for index in 0..<4 {
      let (first, under) = left[index].subtractingReportingOverflow(right[index])
      let (second, underAgain) = first.subtractingReportingOverflow(borrow)
      result[index] = second
      borrow = under || underAgain ? 1 : 0
    }
    return result
  }

  static func + (left: FieldElement, right: FieldElement) -> FieldElement {
    // Both are below 2^255, so the sum fits 256 bits.
    var sum = left
    var carry: UInt64 = 0
    for index in 0..<4 {
      let (first, over) = left.limbs[index].addingReportingOverflow(right.limbs[index])
      let (second, overAgain) = first.addingReportingOverflow(carry)
      sum.limbs[index] = second
      carry = over || overAgain ? 1 : 0
    }
    if !isBelowPrime(sum.limbs) { sum.limbs = subtracting(sum.limbs, prime) }
    return sum
  }

  static func - (left: FieldElement, right: FieldElement) -> FieldElement {
    var negative = right
    if right != .zero { negative.limbs = subtracting(prime, right.limbs) }
    return left + negative
  }

  static func * (left: FieldElement, right: FieldElement) -> FieldElement {
    var product = SIMD8<UInt64>.zero
    for row in 0..<4 {
      var carry: UInt64 = 0
      for column in 0..<4 {
        (carry, product[row + column]) = multiplyAdd(
          left.limbs[row], right.limbs[column], product[row + column], carry)
      }
      product[row + 4] = carry
    }
    // 2^256 is 38 modulo the prime, so the upper half folds onto the lower, and what that carries folds again.
    var folded = product.lowHalf
    var carry: UInt64 = 0
    for index in 0..<4 { (carry, folded[index]) = multiplyAdd(product[index + 4], 38, folded[index], carry) }
    while carry > 0 {
      var next: UInt64 = 0
      (next, folded[0]) = multiplyAdd(carry, 38, folded[0], 0)
      for index in 1..<4 { (next, folded[index]) = multiplyAdd(next, 1, folded[index], 0) }
      carry = next
    }
    while !isBelowPrime(folded) { folded = subtracting(folded, prime) }
    return FieldElement(limbs: (folded[0], folded[1], folded[2], folded[3]))
  }

  /// a b + c + d, which always fits 128 bits.
  private static func multiplyAdd(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) -> (high: UInt64, low: UInt64) {
    let product = a.multipliedFullWidth(by: b)
    let (first, over) = product.low.addingReportingOverflow(c)
    let (second, overAgain) = first.addingReportingOverflow(d)
    return (product.high &+ (over ? 1 : 0) &+ (overAgain ? 1 : 0), second)
  }

  /// Euler's criterion: a number other than 0 is a square if its power (p - 1) / 2 is 1.
  var isSquare: Bool {
    // (p - 1) / 2 is 2^254 - 10: in binary 250 ones, then 0110 (2^4 - 10).
    var power = FieldElement.one
    for bit in (0..<254).reversed() {
      power = power * power
      if bit >= 4 || bit == 1 || bit == 2 { power = power * self }
    }
    return power == .one
  }
}
