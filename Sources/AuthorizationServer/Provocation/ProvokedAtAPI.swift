import Catalogue
import Dialects
import OAuth
import Vocabulary

/// What a real refusal in front of an API would know (RFC 6750 §3.1), taken from the request that asks for one.
extension BearerRefusal {
  static func provoked(_ name: Name, _ facts: ProvocationFacts) -> BearerRefusal {
    let accepted = facts.contract.credential.acceptedLocations.map { Excerpt($0) }
    let audience = Excerpt(facts.api?.audience.value ?? "")
    switch name {
    case .headerAbsent: return .headerAbsent(accepted: accepted)
    case .schemeUnsupported: return .schemeUnsupported("Provoked", accepted: accepted)
    case .inQueryNotAccepted: return .inQueryNotAccepted(accepted: accepted)
    case .repeated: return .repeated(locations: ["Authorization", "Authorization"])
    case .syntax: return .syntax("provoked")
    case .formatUnrecognised:
      return .formatUnrecognised("provoked", expected: Excerpt(facts.contract.accessToken.form.rawValue))
    case .unknown: return .unknown
    case .algorithmRejected:
      return .algorithmRejected("none", allowed: [Excerpt(facts.contract.accessToken.algorithm)])
    case .keyUnknown: return .keyUnknown("provoked", known: [])
    case .signatureInvalid: return .signatureInvalid(KeyID("provoked"))
    case .typeWrong: return .typeWrong("jwt", expected: Excerpt(Verify.accessTokenType))
    case .issuerUntrusted: return .issuerUntrusted("provoked", trusted: "this issuer")
    case .criticalHeader: return .criticalHeader(["provoked"])
    case .claimMissing: return .claimMissing("sub")
    case .audienceMismatch: return .audienceMismatch(["https://elsewhere.example"], expected: audience)
    case .notYetValid: return .notYetValid(until: facts.now + Lifetime(clamping: 60), now: facts.now)
    case .expired: return .expired(at: facts.past, now: facts.now)
    case .revokedByClient: return .revokedByClient(at: facts.past)
    case .revokedByOperator: return .revokedByOperator(at: facts.past)
    case .revokedByPerson: return .revokedByPerson(at: facts.past)
    case .revokedByContainment: return .revokedByContainment(family: facts.family, at: facts.past)
    case .clientDisabled: return .clientDisabled(facts.client)
    }
  }
}

extension PolicyRefusal {
  /// `nil` for a scope that the route does not ask for.
  static func provoked(_ name: Name, _ facts: ProvocationFacts) -> PolicyRefusal? {
    let type = Excerpt(facts.route?.resource?.type ?? "resource")
    let scopes = facts.route?.scopes ?? facts.scopes ?? .none
    switch name {
    case .scopeMissing: return scopes.isEmpty ? nil : .scopeMissing(needed: scopes, held: .none)
    case .resourceNotGranted: return .resourceNotGranted(type: type, identifier: "(provoked)", granted: 0)
    case .privilegeMissing: return .privilegeMissing(needed: scopes, held: .none, type: type, identifier: "(provoked)")
    }
  }
}

extension UpstreamRefusal {
  static func provoked(_ name: Name, _ facts: ProvocationFacts) -> UpstreamRefusal {
    switch name {
    case .connect: .connect("provoked")
    case .responseInvalid: .responseInvalid("provoked")
    case .timeout: .timeout(after: facts.api?.timeout ?? Lifetime(clamping: 10))
    }
  }
}

extension ServiceRefusal {
  static func provoked(_ name: Name) -> ServiceRefusal {
    switch name {
    case .storageUnavailable: .storageUnavailable("provoked")
    case .storageReadOnly: .storageReadOnly("provoked")
    case .storageFull: .storageFull("provoked")
    case .storageDamaged: .storageDamaged("provoked")
    case .storageContended: .storageContended(attempts: 8)
    case .signingKeyAbsent: .signingKeyAbsent("provoked")
    case .fault: .fault("provoked")
    }
  }
}

extension DocumentationRefusal {
  static func provoked(_ name: Name) -> DocumentationRefusal {
    switch name {
    case .topicUnknown: .topicUnknown("errors.NOPE", nearest: [])
    case .topicMalformed: .topicMalformed("contains disallowed characters")
    case .traceUnknown: .traceUnknown
    }
  }
}

extension RequestRefusal {
  /// `nil` for what this spot never looks at.
  static func provoked(_ name: Name, _ facts: ProvocationFacts) -> RequestRefusal? {
    let isAPI = facts.spot == .api
    let version = facts.contract.routing.version
    let produced = facts.contract.routing.produces
    switch name {
    case .messageMalformed:
      return isAPI || facts.spot == .authorization ? .messageMalformed("provoked") : nil
    case .targetAmbiguous: return isAPI ? .targetAmbiguous("a dot segment") : nil
    case .headersTooLarge: return .headersTooLarge(limit: 81_920)
    case .bodyTooLarge: return .bodyTooLarge(limit: RequestBody.limit)
    case .bodyUnreadable: return isAPI ? nil : .bodyUnreadable("provoked")
    case .methodNotAllowed:
      return .methodNotAllowed(seen: "PROVOKED", allowed: facts.allowedMethods.map { Excerpt($0) })
    case .mediaTypeUnsupported:
      let bodies = facts.endpoint?.bodies ?? (isAPI ? [.json] : [.form])
      return .mediaTypeUnsupported(
        seen: "text/plain",
        supported: bodies.map { $0 == .json ? "application/json" : "application/x-www-form-urlencoded" })
    case .representationNotAcceptable:
      let offered = produced.isEmpty ? ["application/json"] : produced
      return .representationNotAcceptable(seen: "image/png", supported: offered.map { Excerpt($0) })
    case .apiVersionUnsupported:
      let supported = version?.headerVersions ?? ["1.0"]
      return .apiVersionUnsupported(requested: "0.0", supported: supported.map { Excerpt($0) })
    case .parameterMissing: return .parameterMissing(ParameterName(facts.header ?? "X-Provoked"), in: .header)
    case .parameterInvalid:
      return facts.variable.map { .parameterInvalid(ParameterName($0), in: .path, expected: "a UUID") }
        ?? .parameterInvalid("X-Provoked", in: .header, expected: "another value")
    case .tokenParameterMissing: return .tokenParameterMissing(ParameterName(facts.wanted))
    case .tokenParameterRepeated: return .tokenParameterRepeated(ParameterName(facts.wanted))
    case .tokenParameterInvalid: return .tokenParameterInvalid(ParameterName(facts.wanted), expected: "a string")
    case .tokenParametersTooMany: return .tokenParametersTooMany(limit: 64)
    case .credentialsInQuery: return .credentialsInQuery("client_secret")
    case .provocationUnusable: return nil
    }
  }
}

extension ProvocationFacts {
  fileprivate var allowedMethods: [String] {
    switch spot {
    case .api: methods
    case .authorization: ["GET", "POST"]
    case .token, .introspection, .revocation: ["POST"]
    }
  }

  /// A header that the route wants.
  fileprivate var header: String? { route?.requiredHeaders.first?.name }

  /// A path variable whose form is checked.
  fileprivate var variable: String? { route?.uuids.sorted().first }

  /// The parameter without which nothing is done here.
  fileprivate var wanted: String {
    switch spot {
    case .introspection, .revocation: "token"
    case .token, .api, .authorization: endpoint?.kind == .refresh ? "refresh_token" : "grant_type"
    }
  }
}
