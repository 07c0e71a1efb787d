extension CompactJWS {
  /// Checks the signature with a key that the caller chose; nothing in the token can choose another.
  ///
  /// - Throws: `algorithmNotAllowed` unless the header names exactly the algorithm the key is bound to (RFC 8725
  ///   §3.1); `critical` for any `crit`, as no extension is understood (RFC 7515 §4.1.11); `headerMember("b64")`,
  ///   as an unencoded payload is never accepted (RFC 7797 §3); `signatureInvalid`.
  public func verify(with key: JSONWebKey) throws(JOSEFault) {
    guard header.algorithm == key.algorithm else {
      throw .algorithmNotAllowed(header.algorithmName, expected: key.algorithm)
    }
    if let critical = header.critical { throw .critical(critical) }
    if header.hasUnencodedPayload { throw .headerMember("b64") }
    guard key.isValid(signature: signature, for: signingInput) else { throw .signatureInvalid }
  }
}
