import Catalogue
import Dialects
import JOSE
import Pages
import Vocabulary

extension PageStyle {
  /// The `pages` section: name, logo, colours and texts of the pages for people.
  static func load(_ reader: YAMLReader, readFile: (String) -> [UInt8]?) throws(ConfigurationRefusal) -> PageStyle {
    let entries = try reader.mapping(["name", "logo", "accent", "texts"])
    let name = try entries["name"]?.text("name") ?? PageStyle.standard.name
    if let entry = entries["name"], name.utf8.count > 80 || name.contains(where: \.isNewline) {
      throw .valueInvalid(entry.location, key: "name", seen: Excerpt(name), expected: "one line of at most 80 bytes")
    }
    let logo = try entries["logo"].map { entry throws(ConfigurationRefusal) in try Logo.load(entry, readFile) }
    let accent = try entries["accent"].map { entry throws(ConfigurationRefusal) in try Accent.load(entry) }
    let texts = try entries["texts"].map { entry throws(ConfigurationRefusal) in try Self.texts(entry) } ?? [:]
    do throws(PageStyleFault) {
      return try PageStyle(name: name, logo: logo, accent: accent ?? .standard, texts: texts)
    } catch {
      // What could be wrong with accent and texts was refused above, each with its own line.
      throw .valueInvalid(
        (entries["name"] ?? reader).location, key: "name", seen: Excerpt(name), expected: "a name with a letter in it")
    }
  }

  private static func texts(_ reader: YAMLReader) throws(ConfigurationRefusal) -> [Language: [String: String]] {
    let known = Phrase.samples.map(\.name)
    var texts: [Language: [String: String]] = [:]
    for entry in try reader.named() {
      let language = try Language.load(entry.name, at: entry.at, key: "texts")
      _ = try entry.value.mapping(known)
      for (phrase, _, words) in try entry.value.named() {
        let text = try words.text(phrase)
        // One at a time, so that a fault has its own line.
        do throws(PageStyleFault) { _ = try PageStyle(name: "-", texts: [language: [phrase: text]]) } catch {
          throw .valueInvalid(words.location, key: Excerpt(phrase), seen: Excerpt(text), expected: expected(error))
        }
        texts[language, default: [:]][phrase] = text
      }
    }
    return texts
  }

  private static func expected(_ fault: PageStyleFault) -> Excerpt {
    guard case .argumentUnknown(_, _, let known) = fault else { return "words" }
    if known.isEmpty { return "words without {...}: this phrase has nothing to put in" }
    return Excerpt("words with no other {...} than " + known.map { "{\($0)}" }.joined(separator: ", "))
  }
}

extension Language {
  /// A language by its code, as a key of the configuration.
  static func load(
    _ name: String, at location: SourceLocation, key: Excerpt
  ) throws(ConfigurationRefusal) -> Language {
    guard let language = Language(rawValue: name) else {
      let known = Language.allCases.map(\.rawValue).joined(separator: ", ")
      throw .valueInvalid(
        location, key: key, seen: Excerpt(name), expected: Excerpt("by a language of the pages: \(known)"))
    }
    return language
  }
}

extension Accent {
  /// `{light: "#1f5fbf", dark: "#8ab4f8"}`; without `dark` the light one is made lighter until it can be read.
  fileprivate static func load(_ reader: YAMLReader) throws(ConfigurationRefusal) -> Accent {
    let entries = try reader.mapping(["light", "dark"])
    guard let light = entries["light"] else { throw .keyMissing(reader.location, "light") }
    let lightColour = try colour(light, "light")
    let darkColour = try entries["dark"].map { entry throws(ConfigurationRefusal) in try colour(entry, "dark") }
    do throws(PageStyleFault) {
      guard let darkColour else { return try Accent(light: lightColour) }
      return try Accent(light: lightColour, dark: darkColour)
    } catch {
      guard case .contrastTooLow(let surface, let seen, let ratio, let sufficient) = error else {
        throw .valueInvalid(reader.location, key: "accent", seen: "this", expected: "two colours")
      }
      let tenths = Int(ratio * 10)
      let place = surface == .light ? light : entries["dark"] ?? light
      throw .valueInvalid(
        place.location, key: Excerpt(surface.rawValue),
        seen: Excerpt("\(seen), contrast \(tenths / 10).\(tenths % 10) to 1"),
        expected: Excerpt("readable on \(surface.rawValue) screens, 4.5 to 1 (WCAG 2.2, 1.4.3); \(sufficient) would do")
      )
    }
  }

  private static func colour(_ reader: YAMLReader, _ key: Excerpt) throws(ConfigurationRefusal) -> Colour {
    let text = try reader.text("\(key)")
    guard let colour = Colour(text) else {
      throw .valueInvalid(
        reader.location, key: key, seen: Excerpt(text), expected: "a colour in quotes, as \"#1f5fbf\" or \"#15b\"")
    }
    return colour
  }
}

extension Logo {
  /// In every page: it is part of the page, so that no page fetches anything of others.
  private static let limit = 32 * 1024

  /// An SVG or PNG file beside the configuration.
  fileprivate static func load(
    _ reader: YAMLReader, _ readFile: (String) -> [UInt8]?
  ) throws(ConfigurationRefusal) -> Logo {
    let path = try reader.text("logo")
    func refused(_ expected: Excerpt) -> ConfigurationRefusal {
      .valueInvalid(reader.location, key: "logo", seen: Excerpt(path), expected: expected)
    }
    let type: String
    switch path.lowercased() {
    case let name where name.hasSuffix(".svg"): type = "svg+xml"
    case let name where name.hasSuffix(".png"): type = "png"
    default: throw refused("the path of an .svg or .png file, from the folder of this file")
    }
    guard let bytes = readFile(path) else { throw refused("a file that can be read; there is none at this path") }
    guard bytes.count <= limit else { throw refused("at most 32 KiB: it is sent with every page") }
    guard type == "png" ? isPNG(bytes) : isSVG(bytes) else {
      throw refused(type == "png" ? "a PNG picture; this file is something else" : "an SVG picture with its xmlns")
    }
    guard let logo = Logo("data:image/\(type);base64," + Base64.encode(bytes)) else { throw refused("a picture") }
    return logo
  }

  /// The signature (PNG, Third Edition §5.2).
  private static func isPNG(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
  }

  /// A picture is drawn only where its namespace is written (SVG 2 §5.1). What it contains runs nothing: it is an
  /// image of the page, and the page's policy allows no script.
  private static func isSVG(_ bytes: [UInt8]) -> Bool {
    guard let text = String(validating: bytes, as: UTF8.self) else { return false }
    return text.contains("<svg") && text.contains("http://www.w3.org/2000/svg")
  }
}
