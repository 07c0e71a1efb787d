import Catalogue
import Dialects
import HTTPTypes
import OAuth
import Vocabulary

/// A form that came back from a page of ours: read, and proven to come from the same browser.
enum PostedForm {
  static func read(_ pages: PageAnswer) throws(Refusal) -> Form {
    var trail = Trail()
    let form = try RequestBody.form(pages.request, allowed: [.form], trail: &trail, mayHaveQuery: true)
    // A browser says where a form comes from (Fetch Metadata §2); with our referrer policy `Origin` is often null.
    if pages.request.values(.secFetchSite).contains(where: { $0 == "cross-site" || $0 == "same-site" }) {
      throw .signIn(.formTokenMismatch)
    }
    switch FormToken.check(form[FormToken.field], pages.cookie, issuer: pages.issuer, now: Clock.now) {
    case .good: return form
    case .cookieAbsent: throw .signIn(.cookieAbsent)
    case .mismatch: throw .signIn(.formTokenMismatch)
    case .expired: throw .signIn(.formExpired(after: FormToken.lifetime))
    }
  }
}

extension HTTPField.Name {
  /// `Sec-Fetch-Site`; the name is well formed, so the default is never used.
  static let secFetchSite = HTTPField.Name("Sec-Fetch-Site") ?? .origin
}
