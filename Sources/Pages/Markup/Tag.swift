/// The elements these pages are made of, and no others.
enum Tag: String {
  case html, head, meta, title, link, body, script
  case header, main, nav, section, footer
  case h1, h2, p, div, span, strong, small, ul, ol, li, dl, dt, dd, code, wbr, img, a
  case form, fieldset, legend, label, input, button

  /// Elements without content have no end tag (HTML §13.1.2).
  var isVoid: Bool {
    switch self {
    case .meta, .link, .img, .input, .wbr: true
    default: false
    }
  }
}
