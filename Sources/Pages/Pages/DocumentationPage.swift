/// A page of the catalogue, around a body that its own renderer has made and escaped.
public struct DocumentationPage: Page {
  public var title: String
  /// The pages above this one, the outermost first.
  public var trail: [Link]
  public var search: Search?
  public var body: HTML

  public struct Link: Sendable, Hashable {
    public let label: String
    public let address: Address

    public init(_ label: String, _ address: Address) {
      self.label = label
      self.address = address
    }
  }

  /// A field to search the list with; it needs no script.
  public struct Search: Sendable, Hashable {
    public let action: Address
    public let text: String
    /// What else narrows the list, and is to be kept.
    public let kept: [FormField]

    public init(action: Address, text: String, kept: [FormField]) {
      self.action = action
      self.text = text
      self.kept = kept
    }
  }

  public init(title: String, trail: [Link] = [], search: Search? = nil, body: HTML) {
    self.title = title
    self.trail = trail
    self.search = search
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
      if let search { form(search) }
      element(.div, .class("article")) { body }
    }
  }

  private func form(_ search: Search) -> HTML {
    element(.form, .method("get"), .action(search.action)) {
      search.kept.html
      element(.div, .class("field")) {
        element(.label, .for("q")) { "Search codes and reasons" }
        element(.input, .type("search"), .id("q"), .name("q"), .value(search.text))
      }
      element(.button, .type("submit")) { "Search" }
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
