public import Catalogue
import StrictJSON
import Vocabulary

/// How one place of a contract says no.
struct Wording: Sendable {
  struct Case: Sendable {
    let status: StatusRule
    let body: Template
  }

  enum StatusRule: Sendable {
    case fixed(Int)
    /// 401 when the `Authorization` header was used, 400 otherwise (RFC 6749 §5.2).
    case dependsOnAuthorization
  }

  let mediaType: String
  let cases: [Code: Case]

  /// The case that words a code, and the code it is worded as.
  func find(_ code: Code) -> (Code, Case)? {
    if let found = cases[code] { return (code, found) }
    guard let coarser = code.entry.lowersTo else { return nil }
    return find(coarser)
  }
}

extension Contract {
  /// Words a refusal. Mandatory headers are added whatever the dialect says: challenge (RFC 9110 §11.6.1),
  /// `no-store`, the trace, `Retry-After`, `Allow`.
  public func render(_ refusal: PublicRefusal, at place: Place, _ context: RenderingContext) -> WireRefusal {
    let wording = place == .token ? token : place == .authorization ? redirect ?? api : api
    // Loading proved that every code of a place has a case; what belongs elsewhere is worded as our own fault.
    let (code, found) =
      wording.find(refusal.code) ?? wording.find(.internalFault)
      ?? (.internalFault, Wording.Case(status: .fixed(500), body: .constant(Array("{}".utf8))))
    let status: Int
    switch found.status {
    case .fixed(let value): status = value
    case .dependsOnAuthorization: status = refusal.authorizationHeaderUsed ? 401 : 400
    }
    let lowered = code == refusal.code ? refusal : refusal.lowered(to: code)
    let source = SlotSource(refusal: lowered, code: code, status: status, context: context)
    var body: [UInt8] = []
    body.reserveCapacity(512)
    _ = found.body.write(source, to: &body)
    var headers: [WireRefusal.Header] = [
      .init(name: "Content-Type", value: wording.mediaType), .init(name: "Cache-Control", value: "no-store"),
      .init(name: "Trace-Id", value: context.trace.description),
    ]
    if let name = answers.traceHeader {
      let value = answers.traceHeaderForm == .uuid ? context.trace.uuid : context.trace.description
      headers.append(.init(name: name, value: value))
    }
    if let challenge = challenge(source, at: place) {
      headers.append(.init(name: "WWW-Authenticate", value: challenge))
    }
    if let seconds = lowered[.retryAfter]?.value.integer {
      headers.append(.init(name: "Retry-After", value: String(seconds)))
    }
    if code == .methodNotAllowed, let methods = refusal[.allowedMethods]?.value.array {
      headers.append(.init(name: "Allow", value: methods.compactMap(\.string).joined(separator: ", ")))
    }
    return WireRefusal(status: status, headers: headers, body: body)
  }

  private func challenge(_ source: SlotSource, at place: Place) -> String? {
    let entry = source.code.entry
    let realm = "realm=\"\(source.context.realm)\""
    let basic = "Basic \(realm), charset=\"UTF-8\""
    switch entry.challenge {
    case .basic: return source.status == 401 ? basic : nil
    case .bearer, .bearerWithError: break
    case .none: if source.status != 401 { return nil }
    }
    // A contract that turns another code into a 401 owes a challenge all the same.
    if place == .token { return source.status == 401 ? basic : nil }
    var challenge = "Bearer " + realm
    if case .bearerWithError = entry.challenge, source.refusal.credentialPresented, let error = entry.error {
      challenge += ", error=\"\(error.rawValue)\", error_description=\"\(entry.text)\", error_uri=\"\(source.page)\""
      if let scope = source.refusal[.requiredScope]?.value.string { challenge += ", scope=\"\(scope)\"" }
    }
    if let metadata = source.context.resourceMetadata { challenge += ", resource_metadata=\"\(metadata)\"" }
    return challenge
  }
}
