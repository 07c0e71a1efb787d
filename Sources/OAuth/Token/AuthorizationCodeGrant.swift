import Catalogue
import Dialects
import Vocabulary

/// A code is exchanged for tokens (RFC 6749 §4.1.3). No code is issued before the consent pages exist, so every
/// code presented is unknown; what can be said of its form is said.
enum AuthorizationCodeGrant {
  static func refuse(_ request: TokenRequest, trail: inout Trail) throws(Refusal) {
    try trail.check(.grantPresented) { () throws(Refusal) in
      guard let text = request.form["code"] else { throw .request(.tokenParameterMissing("code")) }
      if let form = request.contract.authorizationCode, !TokenText.has(form: form, text) {
        throw .grant(.codeMalformed(Echo(text)))
      }
    }
    try trail.check(.grantFound) { () throws(Refusal) in throw .grant(.codeUnknown) }
  }
}
