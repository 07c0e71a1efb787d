extension JSON {
  /// The value as UTF-8 bytes without whitespace. Only what RFC 8259 §7 obliges us to escape is escaped.
  public var bytes: [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(256)
    write(to: &output)
    return output
  }

  public var text: String { String(decoding: bytes, as: UTF8.self) }

  public func write(to output: inout [UInt8]) {
    switch self {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
    case .number(let text): output.append(contentsOf: text.utf8)
    case .string(let text): JSON.write(string: text, to: &output)
    case .array(let values):
      output.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        value.write(to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let members):
      output.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        JSON.write(string: member.name, to: &output)
        output.append(UInt8(ascii: ":"))
        member.value.write(to: &output)
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  /// Writes a quoted string, escaped.
  public static func write(string: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    writeEscaped(string, to: &output)
    output.append(UInt8(ascii: "\""))
  }

  /// Writes the inside of a string, without quotes: what a template's slot needs inside a longer string.
  public static func writeEscaped(_ string: String, to output: inout [UInt8]) {
    var string = string
    string.withUTF8 { bytes in
      if bytes.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
        escape(bytes, to: &output)
      } else {
        output.append(contentsOf: bytes)
      }
    }
  }

  private static func escape(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\""): output.append(contentsOf: [UInt8(ascii: "\\"), byte])
      case UInt8(ascii: "\\"): output.append(contentsOf: [UInt8(ascii: "\\"), byte])
      case 0x0A: output.append(contentsOf: "\\n".utf8)
      case 0x0D: output.append(contentsOf: "\\r".utf8)
      case 0x09: output.append(contentsOf: "\\t".utf8)
      case 0..<0x20, 0x7F:
        let digits = Array("0123456789abcdef".utf8)
        output.append(contentsOf: "\\u00".utf8)
        output.append(digits[Int(byte >> 4)])
        output.append(digits[Int(byte & 0xF)])
      default: output.append(byte)
      }
    }
  }

  /// The value over several lines, two spaces a level, as people like to read it.
  public var indented: String {
    var output = ""
    indent(into: &output, level: 0)
    return output
  }

  private func indent(into output: inout String, level: Int) {
    let inner = String(repeating: "  ", count: level + 1)
    let outer = String(repeating: "  ", count: level)
    switch self {
    case .array(let values) where !values.isEmpty:
      output += "[\n"
      for (index, value) in values.enumerated() {
        output += inner
        value.indent(into: &output, level: level + 1)
        output += index + 1 < values.count ? ",\n" : "\n"
      }
      output += outer + "]"
    case .object(let members) where !members.isEmpty:
      output += "{\n"
      for (index, member) in members.enumerated() {
        output += inner + JSON.string(member.name).text + ": "
        member.value.indent(into: &output, level: level + 1)
        output += index + 1 < members.count ? ",\n" : "\n"
      }
      output += outer + "}"
    case .null, .bool, .number, .string, .array, .object: output += text
    }
  }
}
