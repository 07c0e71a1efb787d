/// A reader of the pages' markup, stricter than a browser: what it cannot read is an `unreadable` piece, which no test
/// expects. It shares nothing with the writer.
enum Piece: Hashable {
  case start(String, [Attribute])
  case end(String)
  case text(String)
  case unreadable(String)

  struct Attribute: Hashable {
    let name: String
    let value: String?
  }

  static func read(_ document: String) -> [Piece] {
    var rest = document.unicodeScalars[...]
    let doctype = "<!doctype html>".unicodeScalars
    if rest.starts(with: doctype) { rest = rest.dropFirst(doctype.count) }
    var pieces: [Piece] = []
    while let first = rest.first {
      if first == "<" {
        guard let end = rest.firstIndex(of: ">") else { return pieces + [.unreadable(String(rest))] }
        pieces.append(tag(String(rest[rest.index(after: rest.startIndex)..<end])))
        rest = rest[rest.index(after: end)...]
      } else {
        let end = rest.firstIndex(of: "<") ?? rest.endIndex
        pieces.append(.text(decoded(String(rest[..<end]))))
        rest = rest[end...]
      }
    }
    return pieces
  }

  private static func tag(_ inside: String) -> Piece {
    if inside.hasPrefix("/") { return .end(String(inside.dropFirst())) }
    var rest = inside.unicodeScalars[...]
    let name = String(rest.prefix { $0 != " " })
    guard !name.isEmpty, name.utf8.allSatisfy({ (0x30...0x7A).contains($0) }) else { return .unreadable(inside) }
    rest = rest.dropFirst(name.unicodeScalars.count)
    var attributes: [Attribute] = []
    while !rest.isEmpty {
      guard rest.first == " " else { return .unreadable(inside) }
      rest = rest.dropFirst()
      let name = String(rest.prefix { $0 != "=" && $0 != " " })
      rest = rest.dropFirst(name.unicodeScalars.count)
      guard rest.first == "=" else {
        attributes.append(Attribute(name: name, value: nil))
        continue
      }
      rest = rest.dropFirst()
      guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else { return .unreadable(inside) }
      attributes.append(Attribute(name: name, value: decoded(String(rest[..<end].dropFirst()))))
      rest = rest[rest.index(after: end)...]
    }
    return .start(name, attributes)
  }

  static func decoded(_ text: String) -> String {
    let names: [Substring: Unicode.Scalar] = ["lt": "<", "gt": ">", "amp": "&", "quot": "\""]
    var output = String.UnicodeScalarView()
    var rest = text.unicodeScalars[...]
    while let scalar = rest.first {
      rest = rest.dropFirst()
      guard scalar == "&", let end = rest.firstIndex(of: ";") else {
        output.append(scalar)
        continue
      }
      let name = Substring(rest[..<end])
      let number = name.hasPrefix("#") ? UInt32(name.dropFirst()).flatMap(Unicode.Scalar.init) : nil
      output.append(names[name] ?? number ?? "?")
      rest = rest[rest.index(after: end)...]
    }
    return String(output)
  }

  /// Tags and attribute names, without anything a person could have written.
  var shape: String {
    switch self {
    case .start(let name, let attributes): "<\(name) \(attributes.map(\.name).joined(separator: " "))>"
    case .end(let name): "</\(name)>"
    case .text: "text"
    case .unreadable(let text): "unreadable: \(text)"
    }
  }
}

/// An element with the text inside it.
struct Element {
  let name: String
  let attributes: [String: String]
  let text: String

  static func all(in document: String) -> [Element] {
    let pieces = Piece.read(document)
    return pieces.indices.compactMap { index in
      guard case .start(let name, let attributes) = pieces[index] else { return nil }
      var text = ""
      var depth = 1
      for piece in pieces[(index + 1)...] {
        switch piece {
        case .start(name, _): depth += 1
        case .end(name): depth -= 1
        case .text(let words): text += words
        case .start, .end, .unreadable: break
        }
        if depth == 0 { break }
      }
      let pairs = attributes.map { ($0.name, $0.value ?? "") }
      return Element(name: name, attributes: Dictionary(pairs) { first, _ in first }, text: text)
    }
  }
}
