import Catalogue
import StrictJSON

/// What each of them can do, as a page of the catalogue says it under FIX.
struct PageSteps {
  /// A member for each role, in the order of the page.
  let json: JSON

  /// By the reason's name: every record has those of its reason.
  static let ofReasons = Dictionary(
    Reason.all.map { ($0.name, PageSteps("reasons." + $0.name)) }, uniquingKeysWith: { first, _ in first })

  /// - Parameter topic: a code's or a reason's page.
  init(_ topic: String) {
    let fix = TopicTree.catalogue[topic]?[section: "FIX"] ?? ""
    var steps: [(role: String, texts: [JSON])] = []
    for line in fix.split(separator: "\n") where line.hasPrefix("- ") {
      var text = line.dropFirst(2)
      var role = StepRoles.standard
      for (caption, member) in StepRoles.all where text.hasPrefix(caption + ": ") {
        role = member
        text = text.dropFirst(caption.utf8.count + 2)
      }
      let step = JSON.string(text.filter { $0 != "`" })
      if let index = steps.firstIndex(where: { $0.role == role }) {
        steps[index].texts.append(step)
      } else {
        steps.append((role, [step]))
      }
    }
    json = .object(steps.map { .init($0.role, .array($0.texts)) })
  }
}
