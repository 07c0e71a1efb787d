import Dialects
import OAuth
import Vocabulary

/// Where a person goes on after a form: the authorization request it came from, or their account. The field comes from
/// outside, so nothing but these is accepted.
enum ReturnAddress {
  static let field = "return"

  static func text(_ place: AuthorizationPlace, _ form: Form) -> String {
    place.path + "?" + Form.encode(form.parameters.map { ($0.name, $0.value) })
  }

  /// The endpoint and its request; `nil` for anything else.
  static func read(_ text: String?, _ issuer: Issuer) -> (place: AuthorizationPlace, form: Form)? {
    guard let text, let target = try? RequestTarget(text), let place = AuthorizationPlace.at(target.path, issuer),
      let query = target.query, let form = try? Form(decoding: query.utf8)
    else { return nil }
    return (place, form)
  }

  /// After signing in the request goes on without the wish that was just fulfilled.
  static func afterSignIn(
    _ place: AuthorizationPlace, _ form: Form, _ cookie: BrowserCookie, _ issuer: Issuer
  ) -> String {
    let kept = form.parameters.compactMap { parameter -> (String, String)? in
      if parameter.name == "max_age" { return nil }
      guard parameter.name == "prompt" else { return (parameter.name, parameter.value) }
      let left = parameter.value.split(separator: " ").filter { $0 != "login" && $0 != "select_account" }
      return left.isEmpty ? nil : (parameter.name, left.joined(separator: " "))
    }
    let address = place.path + "?" + Form.encode(kept)
    guard place.reauthentication != nil else { return address }
    return address + "&"
      + Form.encode([(SignInProof.field, SignInProof.make(for: address, cookie, issuer: issuer, now: Clock.now))])
  }
}
