/// Whether 32 octets are a point that may serve as an Ed25519 public key (RFC 8032 §5.1.3, without computing x).
///
/// The cryptographic library looks at a key only when it verifies, and takes points of small order, under which
/// anybody can sign. Everything here is public, so nothing needs to take constant time.
enum EdwardsPoint {
  /// -121665 / 121666
  private static let d = FieldElement(
    limbs: (0x75EB_4DCA_1359_78A3, 0x0070_0A4D_4141_D8AB, 0x8CC7_4079_7779_E898, 0x5203_6CEE_2B6F_FE73))
  /// The two y of the points of order 8; those of smaller order have y of 0, 1 and -1.
  private static let orderEight = [
    FieldElement(
      limbs: (0xB027_B2C2_8F95_E826, 0xF098_EFF2_89F4_C345, 0x3933_C6D3_05AC_DFD5, 0x05FC_536D_8802_38B1)),
    FieldElement(
      limbs: (0x4FD8_4D3D_706A_17C7, 0x0F67_100D_760B_3CBA, 0xC6CC_392C_FA53_202A, 0x7A03_AC92_77FD_C74E)),
  ]

  /// Whether the octets are the canonical coding of a point on the curve whose order is not small.
  static func isUsable(_ octets: [UInt8]) -> Bool {
    guard let y = FieldElement(littleEndian: octets) else { return false }
    let square = y * y
    // The curve is -x² + y² = 1 + d x² y², so x² is u / v; it exists if u / v, and thus u v, is a square.
    let u = square - .one
    let v = Self.d * square + .one
    let isSmall = u == .zero || y == .zero || orderEight.contains(y)
    return !isSmall && (u * v).isSquare
  }
}
