public import AuthorizationServer
public import OAuth
public import Vocabulary

/// What the API is told about the caller: headers that the gate always sets, all of them, even empty — a proxy
/// that copies them would otherwise pass on a placeholder, or what the caller wrote.
public struct Admission: Sendable {
  public let api: ProtectedAPI
  public let target: RequestTarget
  /// The route that matched; `nil` for the contract's own documents.
  public let route: Route?
  public let trace: TraceID
  /// `nil` on routes that are open to everyone.
  public let token: AccessTokenFacts?
  /// The client that authenticated itself, where a route wants that.
  public let client: ClientID?

  /// The names, in lower case, that never pass from outside.
  public static let headerNames = [
    "x-auth-subject", "x-auth-client", "x-auth-scope", "x-auth-issuer", "x-auth-audience", "x-auth-resources",
    "x-auth-token-id", "x-auth-expires",
  ]

  public func headers(issuer: String) -> [(name: String, value: String)] {
    let resources = (token?.details ?? []).map { detail in
      Self.clean(detail.type) + ":" + Self.clean(detail.identifier)
        + (detail.privileges.isEmpty ? "" : "=" + detail.privileges.list.map(\.name).joined(separator: "+"))
    }
    return [
      ("X-Auth-Subject", Self.clean(token?.subject.value ?? client?.value ?? "")),
      ("X-Auth-Client", Self.clean(token?.client.value ?? client?.value ?? "")),
      ("X-Auth-Scope", token?.scopes.description ?? ""),
      ("X-Auth-Issuer", token == nil ? "" : issuer),
      ("X-Auth-Audience", token == nil ? "" : api.audience.value),
      ("X-Auth-Resources", resources.joined(separator: " ")),
      ("X-Auth-Token-Id", Self.clean(token?.id.value ?? "")),
      ("X-Auth-Expires", token.map { String($0.expiresAt.secondsSince1970) } ?? ""),
    ]
  }

  /// A header value: what could end it or confuse a parser is dropped.
  private static func clean(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) { return text }
    return String(decoding: text.utf8.filter { $0 > 0x20 && $0 < 0x7F }, as: UTF8.self)
  }

  /// Whether a header from outside pretends to be one of ours, in any spelling a server might normalise to it.
  public static func isIdentityHeader(_ name: String) -> Bool {
    let normalised = name.lowercased().map { $0 == "_" ? "-" : $0 }
    return String(normalised).hasPrefix("x-auth-")
  }
}
