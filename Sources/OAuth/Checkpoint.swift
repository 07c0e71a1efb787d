/// The named steps every request passes, in their fixed order: which refusal wins is part of the contract with
/// callers, so the order never changes by accident (RFC 6750 §3.1, RFC 6749 §5.2). Declared in that order.
public enum Checkpoint: UInt8, CaseIterable, Sendable {
  // At an API
  case targetUnambiguous, versionSupported, representationAcceptable, routeKnown, methodAllowed
  case credentialPresented, credentialParsed, tokenForm, algorithmAllowed, keyKnown, signatureValid, tokenKnown
  case typeAccepted, payloadRead, issuerTrusted, claimsPresent, audienceHere, notBefore, notExpired, notRevoked
  case clientEnabled, parametersValid, scopeSufficient, resourceGranted
  // At the token endpoint
  case contentTypeRead, bodyRead, parametersOnce, clientPresented, clientAuthenticated, clientMethodRegistered
  case grantTypeKnown, grantTypeRegistered, grantPresented, grantFound, grantHeldByClient, grantInForce, grantCurrent
  case scopeAllowed, resourceKnown
  case redirectAddressSame, proofKeyHeld
  // At the authorization endpoint
  case clientKnown, redirectAddressRegistered, requestReadable, responseTypeOffered, responseModeOffered,
    proofKeyOffered
  case claimsKnown, contextReached, promptKnown, maximumAgeKnown, signedIn, consentGiven

  /// As the operator reads it: `signature.valid`.
  public var label: String { Self.labels[Int(rawValue)] }

  /// Spelled once, since every record has a dozen of them.
  private static let labels = allCases.map { checkpoint in
    "\(checkpoint)".reduce(into: "") { text, character in
      text += character.isUppercase ? "." + character.lowercased() : String(character)
    }
  }
}

/// The checks that were passed, and the one that stopped it: two words, so that it costs nothing on a hot path.
public struct Trail: Equatable, Sendable {
  private var passedBits: UInt64 = 0
  public private(set) var stoppedAt: Checkpoint?

  public init() {}

  public var passed: [Checkpoint] { Checkpoint.allCases.filter(hasPassed) }

  public func hasPassed(_ checkpoint: Checkpoint) -> Bool { passedBits & (1 << UInt64(checkpoint.rawValue)) != 0 }

  public mutating func pass(_ checkpoint: Checkpoint) { passedBits |= 1 << UInt64(checkpoint.rawValue) }

  public mutating func stop(at checkpoint: Checkpoint) { stoppedAt = checkpoint }

  public mutating func append(_ other: Trail) {
    passedBits |= other.passedBits
    stoppedAt = stoppedAt ?? other.stoppedAt
  }
}
