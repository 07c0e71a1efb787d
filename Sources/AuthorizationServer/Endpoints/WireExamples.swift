import Catalogue
import Dialects
import StrictJSON
import Vocabulary

/// What a code looks like on the wire of each contract, rendered by the same renderer that refuses.
enum WireExamples {
  static func text(for topic: Topic, issuer: Issuer) -> String {
    guard topic.name.hasPrefix("errors."), let code = Code(spelled: topic.name) else { return "" }
    var blocks: [String] = []
    for name in Contract.bundledNames {
      guard let contract = Contract.bundled(name) else { continue }
      for place in code.entry.places where place == .api || place == .token {
        if place == .token, contract.tokenEndpoints.isEmpty, name != "oauth" { continue }
        let wire = contract.render(
          PublicRefusal.example(code), at: place,
          RenderingContext(
            trace: TraceID(random: 0x5f0c_2b9e_4d1a_47f6, 0xa3b8_e2c9_d07f_1a64), path: "/example", realm: "example",
            issuer: issuer.url, resourceMetadata: nil))
        guard wire.status >= 400 else { continue }
        let headers = wire.headers.filter { $0.name != "Content-Length" }.map { "\($0.name): \($0.value)" }
        blocks.append(
          "`\(name)`, at the \(place == .api ? "API" : "token endpoint"):\n\n```http\nHTTP/1.1 \(wire.status)\n"
            + headers.joined(separator: "\n") + "\n\n" + String(decoding: wire.body, as: UTF8.self) + "\n```")
      }
    }
    return blocks.isEmpty ? "This refusal is not sent over HTTP." : blocks.joined(separator: "\n\n")
  }
}
