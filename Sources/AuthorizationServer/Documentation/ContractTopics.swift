import Catalogue
import Dialects
import OAuth
import Vocabulary

/// A topic for each contract, made of the contract itself.
enum ContractTopics {
  static func all(_ contracts: [Contract]) -> [Topic] { [index(contracts)] + contracts.map(topic) }

  private static func index(_ contracts: [Contract]) -> Topic {
    let names = contracts.map { "contracts." + $0.name }
    return make(
      "contracts", title: "Contracts — what each API has promised its callers", seeAlso: names,
      [
        ("NAME", "contracts — what each API has promised its callers."),
        ("SYNOPSIS", "`doorward catalogue contracts NAME` prints one, to copy and change."),
        (
          "DESCRIPTION",
          "A contract says where the credential is presented, how a refusal is worded, which token endpoints there are and how long tokens live. It is data, and an operator may write another."
        ), ("CONTRACTS", contracts.map { "- `\($0.name)`: \($0.title)" }.joined(separator: "\n")),
      ])
  }

  private static func topic(_ contract: Contract) -> Topic {
    var sections = [
      ("NAME", "\(contract.name) — \(contract.title)."),
      ("SYNOPSIS", "`contract: \(contract.name)` in the configuration of an API."),
      (
        "DESCRIPTION",
        "The access token is presented as \(contract.credential.acceptedLocations.map { "`\($0)`" }.joined(separator: " or ")). "
          + "It is \(form(contract.accessToken)) and lives \(contract.accessToken.lifetime.seconds) seconds. "
          + refresh(contract)
      ),
    ]
    if !contract.tokenEndpoints.isEmpty || contract.authorization != nil {
      sections.append(("ENDPOINTS", endpoints(contract)))
    }
    for (place, title) in [
      (Place.api, "AT THE API"), (.token, "AT THE TOKEN ENDPOINT"), (.authorization, "BACK TO THE APPLICATION"),
    ] where contract.has(place) {
      let lines = Code.allCases.compactMap { code -> String? in
        guard let form = contract.form(of: code, at: place) else { return nil }
        let statuses = form.statuses.map { "`\($0)`" }.joined(separator: " or ")
        let lowered = form.code == code ? "" : ", worded as `\(form.code.rawValue)`"
        return "- `\(code.rawValue)`: \(statuses)\(lowered)"
      }
      sections.append((title, lines.joined(separator: "\n")))
    }
    return make(
      "contracts." + contract.name, title: "\(contract.name) — \(contract.title)", seeAlso: ["contracts"], sections)
  }

  private static func form(_ rule: AccessTokenRule) -> String {
    switch rule.form {
    case .jwt: "a JWT signed with \(rule.algorithm)"
    case .opaque: "opaque"
    case .uuid: "a UUID"
    }
  }

  private static func refresh(_ contract: Contract) -> String {
    guard let rule = contract.refreshToken else { return "There are no refresh tokens." }
    return
      "A refresh token is good for one use, lives \(rule.lifetime.seconds) seconds, and a lost answer may be asked for again within \(rule.grace.seconds) seconds."
  }

  private static func endpoints(_ contract: Contract) -> String {
    var lines = contract.tokenEndpoints.map { rule in
      let grants = rule.grants.map { "`\($0.rawValue)`" }.joined(separator: ", ")
      return "- `POST \(rule.path)`" + (grants.isEmpty ? "" : ": \(grants)")
    }
    if let rule = contract.authorization { lines.append("- `GET \(rule.path)`: asks a person") }
    return lines.joined(separator: "\n")
  }

  private static func make(_ name: String, title: String, seeAlso: [String], _ sections: [(String, String)]) -> Topic {
    let all = sections + [("SEE ALSO", seeAlso.map { "- " + $0 }.joined(separator: "\n"))]
    let body = "# \(name)\n\n" + all.map { "## \($0.0)\n\n\($0.1)\n" }.joined(separator: "\n")
    return Topic(name: name, title: title, stability: "evolving", seeAlso: seeAlso, body: body)
  }
}
