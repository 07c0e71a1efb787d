import Catalogue
import StrictJSON
import Vocabulary

/// What a template may mention.
enum Slot: Hashable {
  enum Name: String, CaseIterable {
    case code, title, text, error, status, retry, page, path, trace
    case statusText = "status_text"
    case traceUUID = "trace_uuid"
  }

  case name(Name)
  case member(Member.Name)

  init?(_ text: some StringProtocol) {
    if let name = Name(rawValue: String(text)) {
      self = .name(name)
    } else if let member = Member.Name(rawValue: String(text)) {
      self = .member(member)
    } else {
      return nil
    }
  }

  static let allNames = Name.allCases.map(\.rawValue) + Member.Name.allCases.map(\.rawValue)
}

/// A body with slots, compiled when the contract loads: what is constant is bytes already.
indirect enum Template: Sendable {
  case constant([UInt8])
  /// The slot's JSON value, with its type; absent when the refusal has none.
  case slot(Slot)
  /// A longer string: constant text, escaped already, and slots as text.
  case text([Piece])
  case object([Field])
  case array([Template])

  enum Piece: Sendable {
    case constant([UInt8])
    case slot(Slot)
  }

  enum Field: Sendable {
    case member(name: [UInt8], Template)
    /// All typed members of the refusal, under their own names.
    case allMembers
  }

  /// Appends the value; answers whether there was one.
  func write(_ source: SlotSource, to output: inout [UInt8]) -> Bool {
    switch self {
    case .constant(let bytes): output.append(contentsOf: bytes)
    case .slot(let slot):
      guard let value = source.value(slot) else { return false }
      value.write(to: &output)
    case .text(let pieces):
      output.append(UInt8(ascii: "\""))
      for piece in pieces {
        switch piece {
        case .constant(let bytes): output.append(contentsOf: bytes)
        case .slot(let slot):
          let value = source.value(slot)
          JSON.writeEscaped(value?.string ?? value?.text ?? "", to: &output)
        }
      }
      output.append(UInt8(ascii: "\""))
    case .object(let fields): writeObject(fields, source, to: &output)
    case .array(let items):
      output.append(UInt8(ascii: "["))
      var isFirst = true
      for item in items {
        let mark = output.count
        if !isFirst { output.append(UInt8(ascii: ",")) }
        if item.write(source, to: &output) { isFirst = false } else { output.removeLast(output.count - mark) }
      }
      output.append(UInt8(ascii: "]"))
    }
    return true
  }

  private func writeObject(_ fields: [Field], _ source: SlotSource, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "{"))
    var isFirst = true
    for field in fields {
      switch field {
      case .member(let name, let value):
        let mark = output.count
        if !isFirst { output.append(UInt8(ascii: ",")) }
        output.append(contentsOf: name)
        if value.write(source, to: &output) { isFirst = false } else { output.removeLast(output.count - mark) }
      case .allMembers:
        for member in source.refusal.members {
          if !isFirst { output.append(UInt8(ascii: ",")) }
          JSON.write(string: member.name.rawValue, to: &output)
          output.append(UInt8(ascii: ":"))
          member.value.write(to: &output)
          isFirst = false
        }
      }
    }
    output.append(UInt8(ascii: "}"))
  }
}

/// Where a template's values come from: a public refusal, and nothing it does not disclose.
struct SlotSource {
  let refusal: PublicRefusal
  /// The code that is worded: the refusal's own, or the coarser one it was lowered to.
  let code: Code
  let status: Int
  let context: RenderingContext

  var page: String { context.issuer + "/errors/" + code.slug }

  func value(_ slot: Slot) -> JSON? {
    switch slot {
    case .member(let name): return refusal[name]?.value
    case .name(let name):
      switch name {
      case .code: return .string(code.rawValue)
      case .title: return .string(code.entry.title)
      case .text: return .string(code.entry.text)
      case .error: return code.entry.error.map { .string($0.rawValue) }
      case .status: return .integer(status)
      case .statusText: return .string(String(status))
      case .retry: return .string(code.entry.retry.rawValue)
      case .page: return .string(page)
      case .path: return .string(context.path)
      case .trace: return .string(context.trace.description)
      case .traceUUID: return .string(context.trace.uuid)
      }
    }
  }
}
