/// The operator's colour, once for light and once for dark screens. It is the colour of links and buttons, so it must be
/// readable on the page and on a card, and text must be readable on it: 4.5 to 1 (WCAG 2.2 §1.4.3).
public struct Accent: Sendable, Hashable {
  let light: Colour
  let dark: Colour

  public static let standard = Accent(
    light: Colour(0x1F, 0x5F, 0xBF), dark: Colour(0x8A, 0xB4, 0xF8), checked: ())

  private init(light: Colour, dark: Colour, checked: Void) {
    self.light = light
    self.dark = dark
  }

  /// Dark screens get the nearest lighter colour that can be read on them.
  public init(light: Colour) throws(PageStyleFault) {
    let dark = light.moved(towards: Surface.dark.end, until: 4.5, on: Surface.dark.backgrounds)
    try self.init(light: light, dark: dark)
  }

  public init(light: Colour, dark: Colour) throws(PageStyleFault) {
    for (colour, surface) in [(light, Surface.light), (dark, Surface.dark)] {
      let worst = surface.backgrounds.map { colour.contrast(to: $0) }.min() ?? 1
      guard worst < 4.5 else { continue }
      throw .contrastTooLow(
        surface, colour, ratio: worst,
        sufficient: colour.moved(towards: surface.end, until: 4.5, on: surface.backgrounds))
    }
    self.init(light: light, dark: dark, checked: ())
  }
}

/// What the accent is seen on.
public enum Surface: String, Sendable, Hashable {
  case light, dark

  var card: Colour {
    switch self {
    case .light: Colour(0xFF, 0xFF, 0xFF)
    case .dark: Colour(0x1A, 0x1E, 0x24)
    }
  }

  var page: Colour {
    switch self {
    case .light: Colour(0xF4, 0xF5, 0xF7)
    case .dark: Colour(0x11, 0x14, 0x18)
    }
  }

  /// A button's text has the colour of the card.
  var backgrounds: [Colour] { [page, card] }

  var end: Colour {
    switch self {
    case .light: Colour(0, 0, 0)
    case .dark: Colour(255, 255, 255)
    }
  }
}
