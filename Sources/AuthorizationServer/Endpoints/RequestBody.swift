import Catalogue
import Dialects
import OAuth
import StrictJSON
import Vocabulary

/// Reads a token request's body in one of the forms the endpoint allows. RFC 6749 §3.2, Appendix B.
enum RequestBody {
  /// Token requests are small; a larger body is refused before it is parsed.
  static let limit = 65_536

  static func form(
    _ request: IncomingRequest, allowed: [TokenEndpointRule.BodyForm], trail: inout Trail, mayHaveQuery: Bool = false
  ) throws(Refusal) -> Form {
    if request.body.count > limit { throw .request(.bodyTooLarge(limit: limit)) }
    let type =
      request.body.isEmpty
      ? request.mediaType ?? (allowed.contains(.form) ? "application/x-www-form-urlencoded" : "application/json")
      : request.mediaType
    // Credentials belong into the body: what stands in a URL is logged.
    if !mayHaveQuery, let query = request.target.form {
      for name in ["client_secret", "refresh_token", "code", "password"] where query[name] != nil {
        trail.stop(at: .bodyRead)
        throw .request(.credentialsInQuery(ParameterName(name)))
      }
    }
    try trail.check(.contentTypeRead) { () throws(Refusal) in
      let isForm = type == "application/x-www-form-urlencoded" && allowed.contains(.form)
      let isJSON = type == "application/json" && allowed.contains(.json)
      guard isForm || isJSON else {
        let supported: [Excerpt] = allowed.map {
          $0 == .json ? "application/json" : "application/x-www-form-urlencoded"
        }
        throw .request(.mediaTypeUnsupported(seen: type.map { Excerpt($0) }, supported: supported))
      }
    }
    return try trail.check(.bodyRead) { () throws(Refusal) in
      type == "application/json" ? try json(request.body) : try urlEncoded(request.body)
    }
  }

  private static func urlEncoded(_ bytes: [UInt8]) throws(Refusal) -> Form {
    do throws(Form.Fault) { return try Form(decoding: bytes) } catch {
      switch error {
      case .percentEncoding(let offset):
        throw .request(.bodyUnreadable(Excerpt("broken percent-encoding at byte \(offset)")))
      case .notUTF8(let offset): throw .request(.bodyUnreadable(Excerpt("not UTF-8 at byte \(offset)")))
      case .tooMany(let limit): throw .request(.tokenParametersTooMany(limit: limit))
      }
    }
  }

  /// A JSON object of strings; anything else is refused by name.
  private static func json(_ bytes: [UInt8]) throws(Refusal) -> Form {
    let value: JSON
    do throws(JSONFault) { value = try JSON(parsing: bytes, maximumDepth: 8) } catch {
      if error.kind == .repeatedMember { throw .request(.tokenParameterRepeated("a member")) }
      throw .request(.bodyUnreadable(Excerpt("\(error.kind.rawValue) at byte \(error.offset)")))
    }
    guard let members = value.members else {
      throw .request(.bodyUnreadable(Excerpt("an \(value.kind) where an object belongs")))
    }
    guard members.count <= 64 else { throw .request(.tokenParametersTooMany(limit: 64)) }
    var parameters: [(String, String)] = []
    for member in members {
      guard let text = member.value.string else {
        throw .request(.tokenParameterInvalid(ParameterName(member.name), expected: "a string"))
      }
      parameters.append((member.name, text))
    }
    return Form(parameters)
  }
}
