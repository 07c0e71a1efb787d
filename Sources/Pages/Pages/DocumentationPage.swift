/// A page of the catalogue, around a body that its own renderer has made and escaped.
public struct DocumentationPage: Page {
  public var title: String
  /// The pages above this one, the outermost first.
  public var trail: [Link]
  public var body: HTML

  public struct Link: Sendable, Hashable {
    public let label: String
    public let address: Address

    public init(_ label: String, _ address: Address) {
      self.label = label
      self.address = address
    }
  }

  public init(title: String, trail: [Link] = [], body: HTML) {
    self.title = title
    self.trail = trail
    self.body = body
  }

  public func document(_ style: PageStyle, _ language: Language) -> Document {
    let frame = PageFrame(style, language)
    return frame.document(title: title, width: .wide, isForEverybody: true) {
      if !trail.isEmpty {
        element(.nav, .class("trail"), .ariaLabel(frame.words(.breadcrumbs))) {
          element(.ul) {
            for link in trail { element(.li) { element(.a, .href(link.address)) { link.label } } }
            element(.li) { element(.span, .current(true)) { title } }
          }
        }
      }
      element(.h1) { breakable(title) }
      element(.div, .class("article")) { body }
    }
  }

  /// A code such as `ACCESS_TOKEN_EXPIRED` may break after its underscores, so that it fits a phone.
  private func breakable(_ title: String) -> HTML {
    let parts = title.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
    return .joined(
      parts.enumerated().map { index, part in
        index == 0 ? .text(part) : .joined([.text("_"), element(.wbr), .text(part)])
      })
  }
}
