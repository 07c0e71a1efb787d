public import Dialects
import HTTPTypes
import OAuth
public import Vocabulary

/// What a refused request brought along. It holds credentials, so it stays in memory only, for the tenth of a second
/// until the refusal's record is made, and is let go of then.
public struct Occasion: Sendable {
  public enum Kind: Sendable {
    /// In front of an API; the target is below its mount.
    case api(ProtectedAPI, RequestTarget, Route?)
    /// At a token endpoint: the issuer's own, or one an API's contract brings.
    case token(Contract, TokenEndpointRule, ProtectedAPI?)
    /// Introspection and revocation: a client asks about a token.
    case inspection
    case authorization(Contract, AuthorizationRule, ProtectedAPI?)
    /// A person is to sign in again for a thing of theirs.
    case reauthentication(Contract, AuthorizationRule, ReauthenticationRule, ProtectedAPI?)
    /// UserInfo: any token of ours that may ask for its person.
    case userInfo
    case other
  }

  public let request: IncomingRequest
  public let kind: Kind
  /// The parameters, where they were read already from elsewhere than the request: a form carries some back.
  public let form: Form?

  public init(_ request: IncomingRequest, _ kind: Kind, form: Form? = nil) {
    self.request = request
    self.kind = kind
    self.form = form
  }

  /// Roughly what it holds in memory, in bytes.
  var size: Int {
    request.body.count + (request.target.query?.utf8.count ?? 0) + request.target.path.utf8.count
      + request.headers.reduce(0) { $0 + $1.value.utf8.count + $1.name.rawName.utf8.count + 32 }
      + (form?.parameters.reduce(0) { $0 + $1.value.utf8.count + $1.name.utf8.count + 32 } ?? 0)
  }
}
