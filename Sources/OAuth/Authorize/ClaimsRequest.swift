import Catalogue
import StrictJSON
public import Vocabulary

/// The `claims` parameter (OpenID Connect Core §5.5): which claims an application asks for by name, and where.
public struct ClaimsRequest: Equatable, Sendable {
  /// One claim's request (§5.5.1).
  struct Wish: Equatable, Sendable {
    let isEssential: Bool
    /// From `value` and `values`; `nil` when any value will do.
    let values: [JSON]?
  }

  private let userInfo: [String: Wish]
  private let idToken: [String: Wish]

  static let none = ClaimsRequest(userInfo: [:], idToken: [:])
  /// In bytes, and in members of one object.
  private static let sizeLimit = 8192
  private static let countLimit = 64

  private init(userInfo: [String: Wish], idToken: [String: Wish]) {
    self.userInfo = userInfo
    self.idToken = idToken
  }

  /// Claims about the person, wherever they are to be sent.
  var personClaims: [PersonClaim] {
    PersonClaim.allCases.filter { userInfo[$0.rawValue] != nil || idToken[$0.rawValue] != nil }
  }

  /// Those for the ID token.
  var identityClaims: [PersonClaim] { PersonClaim.allCases.filter { idToken[$0.rawValue] != nil } }

  /// Whether the person may be the one whom the client knows by that name: `sub` with a value names them (§5.5.1,
  /// §3.1.2.2).
  public func admits(_ name: SubjectID?) -> Bool {
    [userInfo["sub"], idToken["sub"]].compactMap { $0?.values }.allSatisfy { values in
      name.map { values.contains(.string($0.value)) } ?? false
    }
  }

  /// The contexts of which one must be reached; `nil` when none must (§5.5.1.1).
  var essentialContexts: [String]? {
    guard let wish = idToken["acr"], wish.isEssential, let values = wish.values else { return nil }
    return values.compactMap(\.string)
  }
}

extension ClaimsRequest {
  init(parsing text: String?) throws(Refusal) {
    guard let text else {
      self = .none
      return
    }
    guard text.utf8.count <= Self.sizeLimit else { throw Self.fault("at most \(Self.sizeLimit) bytes") }
    guard let json = try? JSON(parsing: text.utf8), let members = json.members else {
      throw Self.fault("a JSON object without repeated members")
    }
    var found: [String: [String: Wish]] = [:]
    // Members that are not understood are ignored (§5.5).
    for member in members where member.name == "userinfo" || member.name == "id_token" {
      found[member.name] = try Self.wishes(member.value)
    }
    self.init(userInfo: found["userinfo"] ?? [:], idToken: found["id_token"] ?? [:])
  }

  private static func wishes(_ json: JSON) throws(Refusal) -> [String: Wish] {
    if json == .null { return [:] }
    guard let members = json.members else { throw fault("userinfo and id_token, objects of claims") }
    guard members.count <= countLimit else { throw fault("at most \(countLimit) claims") }
    var wishes: [String: Wish] = [:]
    for member in members { wishes[member.name] = try wish(member.name, member.value) }
    return wishes
  }

  private static func wish(_ name: String, _ json: JSON) throws(Refusal) -> Wish {
    if json == .null { return Wish(isEssential: false, values: nil) }
    guard json.members != nil else { throw fault("null or an object for each claim") }
    var isEssential = false
    if let essential = json["essential"] {
      guard let value = essential.bool else { throw fault("true or false for essential") }
      isEssential = value
    }
    var values = json["value"].map { [$0] }
    if let list = json["values"] {
      guard let list = list.array, !list.isEmpty else { throw fault("a list that is not empty for values") }
      values = (values ?? []) + list
    }
    if name == "sub" || name == "acr", values?.contains(where: { $0.string == nil }) == true {
      throw fault("texts as values of sub and acr")
    }
    return Wish(isEssential: isEssential, values: values)
  }

  private static func fault(_ expected: String) -> Refusal {
    .authorization(.parameterInvalid("claims", expected: Excerpt(expected)))
  }
}
