import StrictJSON
public import Vocabulary

/// Refusals of the request itself, before anyone asks who sent it. RFC 9110 §15.5, RFC 6749 §3.2, §5.2.
public enum RequestRefusal: RefusalArea {
  case messageMalformed(Excerpt)
  case targetAmbiguous(Excerpt)
  case headersTooLarge(limit: Int)
  case bodyTooLarge(limit: Int)
  case bodyUnreadable(Excerpt)
  case methodNotAllowed(seen: Excerpt, allowed: [Excerpt])
  case mediaTypeUnsupported(seen: Excerpt?, supported: [Excerpt])
  case representationNotAcceptable(seen: Excerpt, supported: [Excerpt])
  case apiVersionUnsupported(requested: Excerpt, supported: [Excerpt])
  case parameterMissing(ParameterName, in: ParameterPlace)
  case parameterInvalid(ParameterName, in: ParameterPlace, expected: Excerpt)
  case tokenParameterMissing(ParameterName)
  case tokenParameterRepeated(ParameterName)
  case tokenParameterInvalid(ParameterName, expected: Excerpt)
  case tokenParametersTooMany(limit: Int)
  case credentialsInQuery(ParameterName)
  case provocationUnusable(Excerpt)

  public enum Name: String, ReasonName {
    case messageMalformed = "message_malformed"
    case targetAmbiguous = "target_ambiguous"
    case headersTooLarge = "headers_too_large"
    case bodyTooLarge = "body_too_large"
    case bodyUnreadable = "body_unreadable"
    case methodNotAllowed = "method_not_allowed"
    case mediaTypeUnsupported = "media_type_unsupported"
    case representationNotAcceptable = "representation_not_acceptable"
    case apiVersionUnsupported = "api_version_unsupported"
    case parameterMissing = "request_parameter_missing"
    case parameterInvalid = "request_parameter_invalid"
    case tokenParameterMissing = "token_parameter_missing"
    case tokenParameterRepeated = "token_parameter_repeated"
    case tokenParameterInvalid = "token_parameter_invalid"
    case tokenParametersTooMany = "token_parameters_too_many"
    case credentialsInQuery = "credentials_in_query"
    case provocationUnusable = "provocation_unusable"

    public var code: Code {
      switch self {
      case .messageMalformed, .targetAmbiguous, .bodyUnreadable, .provocationUnusable: .requestMalformed
      case .headersTooLarge: .headersTooLarge
      case .bodyTooLarge: .requestTooLarge
      case .methodNotAllowed: .methodNotAllowed
      case .mediaTypeUnsupported: .mediaTypeUnsupported
      case .representationNotAcceptable: .notAcceptable
      case .apiVersionUnsupported: .apiVersionUnsupported
      case .parameterMissing, .parameterInvalid: .requestParameterInvalid
      case .tokenParameterMissing, .tokenParameterRepeated, .tokenParameterInvalid, .tokenParametersTooMany,
        .credentialsInQuery:
        .tokenRequestMalformed
      }
    }
  }

  public var name: Name {
    switch self {
    case .messageMalformed: .messageMalformed
    case .targetAmbiguous: .targetAmbiguous
    case .headersTooLarge: .headersTooLarge
    case .bodyTooLarge: .bodyTooLarge
    case .bodyUnreadable: .bodyUnreadable
    case .methodNotAllowed: .methodNotAllowed
    case .mediaTypeUnsupported: .mediaTypeUnsupported
    case .representationNotAcceptable: .representationNotAcceptable
    case .apiVersionUnsupported: .apiVersionUnsupported
    case .parameterMissing: .parameterMissing
    case .parameterInvalid: .parameterInvalid
    case .tokenParameterMissing: .tokenParameterMissing
    case .tokenParameterRepeated: .tokenParameterRepeated
    case .tokenParameterInvalid: .tokenParameterInvalid
    case .tokenParametersTooMany: .tokenParametersTooMany
    case .credentialsInQuery: .credentialsInQuery
    case .provocationUnusable: .provocationUnusable
    }
  }

  public var explanation: Explanation {
    switch self {
    case .messageMalformed(let fault):
      Explanation(
        "The bytes are not an HTTP request: \(fault).", expected: "an HTTP/1.1 message (RFC 9112)", actual: "\(fault)")
    case .targetAmbiguous(let what):
      Explanation(
        "The request target can be read in more than one way: it has \(what).",
        expected: "a path without dot segments, empty segments, backslashes, semicolons or encoded slashes",
        actual: "\(what)")
    case .headersTooLarge(let limit):
      Explanation("The request's headers exceed \(limit) bytes.", expected: "at most \(limit) bytes", actual: "more")
    case .bodyTooLarge(let limit):
      Explanation("The request's body exceeds \(limit) bytes.", expected: "at most \(limit) bytes", actual: "more")
    case .bodyUnreadable(let fault):
      Explanation(
        "The body cannot be read: \(fault).", expected: "a body in the announced content type", actual: "\(fault)")
    case .methodNotAllowed(let seen, let allowed):
      Explanation(
        "The method \(seen) is not served here.", expected: list(allowed), actual: "\(seen)")
    case .mediaTypeUnsupported(let seen, let supported):
      Explanation(
        seen.map { "The content type \($0) is not read here." } ?? "The request has a body but no content type.",
        expected: list(supported), actual: seen.map(\.description) ?? "(none)")
    case .representationNotAcceptable(let seen, let supported):
      Explanation(
        "The caller accepts only \(seen), which cannot be produced.", expected: list(supported), actual: "\(seen)")
    case .apiVersionUnsupported(let requested, let supported):
      Explanation(
        "Version \(requested) of the API was asked for.", expected: list(supported), actual: "\(requested)")
    case .parameterMissing(let name, let place):
      Explanation("The \(place.rawValue) parameter \(name) is missing.", expected: "\(name)", actual: "(absent)")
    case .parameterInvalid(let name, let place, let expected):
      Explanation(
        "The \(place.rawValue) parameter \(name) does not have the right form.", expected: "\(expected)",
        actual: "another form")
    case .tokenParameterMissing(let name):
      Explanation("The token request has no \(name).", expected: "\(name)", actual: "(absent)")
    case .tokenParameterRepeated(let name):
      Explanation(
        "The token request has \(name) more than once.", expected: "each parameter at most once (RFC 6749 §3.2)",
        actual: "\(name) repeated")
    case .tokenParameterInvalid(let name, let expected):
      Explanation(
        "The token request's \(name) does not have the right form.", expected: "\(expected)", actual: "another form")
    case .tokenParametersTooMany(let limit):
      Explanation(
        "The token request has more than \(limit) parameters.", expected: "at most \(limit)", actual: "more")
    case .credentialsInQuery(let name):
      Explanation(
        "The token request carries \(name) in its URL, where it is logged.",
        expected: "credentials in the header or the body (RFC 6749 §2.3.1)", actual: "\(name) in the query")
    case .provocationUnusable(let problem):
      Explanation(
        "Provoke-Refusal asks for something that cannot be had here: \(problem).",
        expected: "CODE, or CODE;reason=REASON, of this place", actual: "\(problem)")
    }
  }

  public var members: [Member] {
    switch self {
    case .messageMalformed, .headersTooLarge, .bodyTooLarge, .bodyUnreadable, .tokenParametersTooMany: []
    case .targetAmbiguous(let what), .provocationUnusable(let what): [Member(.problem, .string("\(what)"))]
    case .methodNotAllowed(_, let allowed): [Member(.allowedMethods, .array(allowed.map { .string("\($0)") }))]
    case .mediaTypeUnsupported(let seen, let supported):
      [
        Member(.contentType, .string(seen.map(\.description) ?? "")),
        Member(.supportedMediaTypes, .array(supported.map { .string("\($0)") })),
      ]
    case .representationNotAcceptable(_, let supported):
      [Member(.supportedMediaTypes, .array(supported.map { .string("\($0)") }))]
    case .apiVersionUnsupported(let requested, let supported):
      [
        Member(.requestedVersion, .string("\(requested)")),
        Member(.supportedVersions, .array(supported.map { .string("\($0)") })),
      ]
    case .parameterMissing(let name, let place), .parameterInvalid(let name, let place, _):
      [Member(.parameter, .string("\(name)")), Member(.parameterPlace, .string(place.rawValue))]
    case .tokenParameterMissing(let name), .tokenParameterRepeated(let name), .tokenParameterInvalid(let name, _):
      [Member(.parameter, .string("\(name)")), Member(.parameterPlace, "body")]
    case .credentialsInQuery(let name):
      [Member(.parameter, .string("\(name)")), Member(.parameterPlace, "query")]
    }
  }

  private func list(_ values: [Excerpt]) -> String { values.map(\.description).joined(separator: ", ") }
}
