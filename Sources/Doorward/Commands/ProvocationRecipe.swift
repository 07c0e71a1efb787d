import AuthorizationServer
import Catalogue
import Dialects
import Foundation
import OAuth
import StrictJSON
import Vocabulary

/// One code, in the words of one contract, at one place: what to send for it.
struct ProvocationRecipe {
  let code: Code
  let reason: Reason?
  let contract: String
  let place: Place

  /// Every contract and place of a code; `oauth` first.
  static func all(_ code: Code, reason: Reason?) -> [ProvocationRecipe] {
    let contracts = ["oauth"] + Contract.bundledNames.filter { $0 != "oauth" }
    return contracts.flatMap { contract in
      code.entry.places.map { ProvocationRecipe(code: code, reason: reason, contract: contract, place: $0) }
    }
  }

  /// Whether that contract has such a place, with words for the code.
  func isPossible(_ issuer: Issuer) -> Bool {
    guard let api = issuer.apis.first(where: { $0.contract.name == contract }) else { return false }
    switch place {
    case .api: return true
    case .token:
      // Introspection and revocation are the issuer's own.
      return code.entry.status < 400 ? contract == issuer.contract.name : !api.contract.tokenEndpoints.isEmpty
    case .authorization, .page: return api.contract.authorization != nil
    // Given in the documentation by itself; the same codes are in the contracts.
    case .documentation: return false
    case .terminal: return contract == issuer.contract.name && code.entry.places == [.terminal]
    }
  }

  var headerValue: String { code.rawValue + (reason.map { ";reason=\($0.name)" } ?? "") }
}

/// What came of a recipe.
struct ProvokedAnswer {
  let recipe: ProvocationRecipe
  var method = ""
  var url = ""
  /// Without credentials.
  var sent: [(name: String, value: String)] = []
  var sentBody = ""
  var status: UInt?
  var headers: [(name: String, value: String)] = []
  var body = ""
  /// Of what happens at the terminal: whether it did.
  var happened: Bool?
  /// The code of the record that the server made.
  var recorded: String?
  var isRecordedAsProvoked = false

  init(_ recipe: ProvocationRecipe) { self.recipe = recipe }

  private func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }

  var trace: String? { happened == nil ? header("Trace-Id") : nil }

  var isReached: Bool {
    happened
      ?? (header(Provoker.mark.name) == Provoker.mark.value && recorded == recipe.code.rawValue && isRecordedAsProvoked)
  }

  var text: String {
    var lines = ["> \(method) \(url)"] + sent.map { "> \($0.name): \($0.value)" }
    if !sentBody.isEmpty { lines += [">", "> " + sentBody] }
    lines.append("")
    if let status { lines.append("< \(status)") }
    lines += headers.map { "< \($0.name): \($0.value)" }
    if !body.isEmpty { lines += ["<", body] }
    if !isReached { lines += ["", "NOT REACHED: \(header(Provoker.problemHeaderName) ?? recorded ?? "no record")"] }
    return lines.joined(separator: "\n")
  }

  var json: JSON {
    func object(_ headers: [(name: String, value: String)]) -> JSON {
      .array(headers.map { .string("\($0.name): \($0.value)") })
    }
    return [
      "code": .string(recipe.code.rawValue), "reason": recipe.reason.map { .string($0.name) } ?? .null,
      "contract": .string(recipe.contract), "place": .string(recipe.place.rawValue), "reached": .bool(isReached),
      "trace_id": trace.map { .string($0) } ?? .null,
      "request": [
        "method": .string(method), "url": .string(url), "headers": object(sent), "body": .string(sentBody),
      ],
      "response": [
        "status": status.map { .integer(Int64($0)) } ?? .null, "headers": object(headers), "body": .string(body),
      ],
    ]
  }
}
