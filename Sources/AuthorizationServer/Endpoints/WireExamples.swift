import Catalogue
import Dialects
import StrictJSON
import Vocabulary

/// What a code looks like on the wire of each contract, rendered by the same renderer that refuses.
enum WireExamples {
  private static let trace = TraceID(random: 0x5f0c_2b9e_4d1a_47f6, 0xa3b8_e2c9_d07f_1a64)

  static func text(for topic: Topic, issuer: Issuer) -> String {
    guard topic.name.hasPrefix("errors."), let code = Code(spelled: topic.name) else { return "" }
    var blocks: [String] = []
    for contract in contracts(issuer) {
      for place in code.entry.places { blocks += block(code, contract, place, issuer).map { [$0] } ?? [] }
    }
    if code.entry.places.contains(.page) {
      blocks.append("As a page for the person, with status `\(code.entry.status)`; the application hears nothing.")
    }
    return blocks.isEmpty ? "This refusal is not sent over HTTP." : blocks.joined(separator: "\n\n")
  }

  /// Those this server uses, an operator's own among them.
  private static func contracts(_ issuer: Issuer) -> [Contract] {
    var names: Set<String> = []
    return ([issuer.contract] + issuer.apis.map(\.contract)).filter { names.insert($0.name).inserted }
  }

  private static func block(_ code: Code, _ contract: Contract, _ place: Place, _ issuer: Issuer) -> String? {
    switch place {
    case .token where contract.tokenEndpoints.isEmpty, .authorization where contract.authorization == nil: return nil
    case .page, .documentation, .terminal: return nil
    case .api, .token, .authorization: break
    }
    let wire = contract.render(
      PublicRefusal.example(code), at: place,
      RenderingContext(
        trace: trace, path: "/example", realm: "example", issuer: issuer.url, resourceMetadata: nil))
    guard wire.status >= 400 else { return nil }
    if place == .authorization {
      let members = (try? JSON(parsing: wire.body))?.members ?? []
      let query = Form.encode(members.map { ($0.name, $0.value.string ?? $0.value.text) })
      return
        "`\(contract.name)`, back to the application:\n\n```http\nHTTP/1.1 \(contract.authorization?.redirectStatus ?? 303)\n"
        + "Location: https://app.example/callback?\(query)&state=…\n```"
    }
    let headers = wire.headers.filter { $0.name != "Content-Length" }.map { "\($0.name): \($0.value)" }
    let body = (try? JSON(parsing: wire.body))?.indented ?? String(decoding: wire.body, as: UTF8.self)
    return
      "`\(contract.name)`, at the \(place == .api ? "API" : "token endpoint"):\n\n```http\nHTTP/1.1 \(wire.status)\n"
      + headers.joined(separator: "\n") + "\n\n" + body + "\n```"
  }
}
