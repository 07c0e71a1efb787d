import StrictJSON

extension JSONWebKey {
  /// The key's thumbprint (RFC 7638 §3; RFC 8037 §2 for Ed25519): SHA-256 over its required members in
  /// alphabetical order, in base64url. Equal for equal keys, whatever their `kid`.
  public var thumbprint: String {
    let members: JSON =
      switch material {
      case .ec(let x, let y): ["crv": "P-256", "kty": "EC", "x": .string(x), "y": .string(y)]
      case .rsa(let modulus, let exponent): ["e": .string(exponent), "kty": "RSA", "n": .string(modulus)]
      case .okp(let x): ["crv": "Ed25519", "kty": "OKP", "x": .string(x)]
      }
    return Base64URL.encode(SHA256Hash.digest(of: members.bytes))
  }
}
