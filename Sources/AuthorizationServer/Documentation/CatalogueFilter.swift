import Catalogue
import Pages
import Vocabulary

/// Which codes are asked for: `/errors?status=401&where=token&actor=developer`.
struct CatalogueFilter: Sendable, Equatable {
  static let names = ["status", "where", "actor", "retry"]

  private var values: [String: String] = [:]
  /// Words that must all occur.
  private(set) var text = ""

  init() {}

  init(_ form: Form?) {
    for name in Self.names {
      if let value = form?[name], !value.isEmpty { values[name] = value.lowercased() }
    }
    text = form?["q"] ?? ""
  }

  var isEmpty: Bool { values.isEmpty && text.isEmpty }

  subscript(name: String) -> String? { values[name] }

  /// The same with one more condition, or one less.
  func with(_ name: String, _ value: String?) -> CatalogueFilter {
    var filter = self
    filter.values[name] = value
    return filter
  }

  /// The conditions but for the words, for a form to carry on.
  var fields: [FormField] { Self.names.compactMap { name in values[name].map { FormField(name, $0) } } }

  var query: String {
    let pairs = fields.map { ($0.name, $0.value) } + (text.isEmpty ? [] : [("q", text)])
    return pairs.isEmpty ? "" : "?" + Form.encode(pairs)
  }

  /// What no code has, such as the status 999, lets none through.
  func lets(_ code: Code) -> Bool {
    let entry = code.entry
    if let status = values["status"], String(entry.status) != status { return false }
    if let place = values["where"], !entry.places.contains(where: { $0.rawValue == place }) { return false }
    if let actor = values["actor"], !entry.actors.contains(where: { $0.rawValue == actor }) { return false }
    if let retry = values["retry"], entry.retry.rawValue != retry { return false }
    guard !text.isEmpty else { return true }
    let reasons = Reason.all.filter { $0.code == code }.map(\.name).joined(separator: " ")
    let words = "\(code.rawValue) \(code.slug) \(entry.title) \(entry.text) \(entry.error?.rawValue ?? "") \(reasons)"
      .lowercased()
    return text.lowercased().split(separator: " ").allSatisfy { words.contains($0) }
  }
}

/// The lists of the index, as Markdown.
enum CatalogueIndex {
  /// One bullet for each code, family by family.
  static func list(_ codes: [Code], base: String) -> String {
    guard !codes.isEmpty else { return "No code is like that. [All codes](\(base)/errors)" }
    return CodeFamily.allCases.compactMap { family in
      let members = codes.filter { $0.family == family }
      guard !members.isEmpty else { return nil }
      return "**\(family.rawValue)**\n\n"
        + members.map { code in
          "- [errors.\(code.rawValue)](\(base)/errors/\(code.slug)) — `\(code.entry.status)` — "
            + "\(code.entry.retry.isRetryable ? "retryable" : "not retryable") — \(code.entry.text)"
        }.joined(separator: "\n")
    }.joined(separator: "\n\n")
  }

  static func reasons(base: String) -> String {
    Reason.all.map { reason in
      "- [reasons.\(reason.name)](\(base)/errors/reasons/\(reason.slug)) — "
        + "[\(reason.code.rawValue)](\(base)/errors/\(reason.code.slug))"
    }.joined(separator: "\n")
  }

  /// One line of links for each thing to filter by; each keeps the others. They work without a script.
  static func facets(_ filter: CatalogueFilter, base: String) -> String {
    let statuses = Set(Code.allCases.map(\.entry.status)).sorted().map(String.init)
    let facets: [(name: String, label: String, values: [String])] = [
      ("status", "Status", statuses), ("where", "Where", Place.allCases.map(\.rawValue)),
      ("actor", "Who can act", Actor.allCases.map(\.rawValue)),
      ("retry", "Retry verdict", RetryVerdict.allCases.map(\.rawValue)),
    ]
    return facets.map { facet in
      let links = ([nil] + facet.values.map { Optional($0) }).map { value in
        let label = value ?? "any"
        return filter[facet.name] == value
          ? "**\(label)**" : "[\(label)](\(base)/errors\(filter.with(facet.name, value).query))"
      }
      return "\(facet.label): " + links.joined(separator: " · ")
    }.joined(separator: "\n\n")
  }
}
