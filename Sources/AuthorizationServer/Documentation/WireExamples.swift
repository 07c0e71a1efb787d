import Catalogue
import Dialects
import StrictJSON
import Vocabulary

/// What a code looks like on the wire of each contract, rendered by the same renderer that refuses.
enum WireExamples {
  private static let trace = TraceID(random: 0x5f0c_2b9e_4d1a_47f6, 0xa3b8_e2c9_d07f_1a64)

  static func text(for topic: Topic, site: DocumentationSite) -> String {
    guard topic.name.hasPrefix("errors."), let code = Code(spelled: topic.name) else { return "" }
    var blocks: [String] = []
    for contract in site.contracts {
      for place in code.entry.places {
        if let wire = wire(code, contract, place, site) { blocks.append(block(wire, contract, place)) }
      }
    }
    if code.entry.places.contains(.page) {
      blocks.append("As a page for the person, with status `\(code.entry.status)`; the application hears nothing.")
    }
    return blocks.isEmpty ? "This refusal is not sent over HTTP." : blocks.joined(separator: "\n\n")
  }

  /// The answer itself; `nil` where the contract does not say that code at that place.
  static func wire(_ code: Code, _ contract: Contract, _ place: Place, _ site: DocumentationSite) -> WireRefusal? {
    guard contract.has(place) else { return nil }
    let wire = contract.render(
      PublicRefusal.example(code), at: place,
      RenderingContext(
        trace: trace, path: "/example", realm: "example", issuer: site.url, resourceMetadata: nil))
    return wire.status >= 400 ? wire : nil
  }

  private static func block(_ wire: WireRefusal, _ contract: Contract, _ place: Place) -> String {
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
