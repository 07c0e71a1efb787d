import AuthorizationServer
import HTTPTypes
import NIOHTTP1

/// A request's head as the decisions read it, made of what the decoder read. The framework's own way leads through URL
/// components and a name made anew for every field, which takes as long as the decision.
struct RequestHead {
  let method: String
  /// As it was written: a path, or something that is handed on.
  let target: String
  /// Without `Host`.
  let fields: HTTPFields
  /// The only `Host`; empty where there is none, or more than one.
  let authority: String

  var isBodiless: Bool { !fields.contains(.contentLength) && !fields.contains(.transferEncoding) }

  /// RFC 9110 §10.1.1: whether the body comes only when it is asked for.
  static func waitsForContinue(_ head: HTTPRequestHead) -> Bool {
    head.version == .http1_1 && head.headers.contains(name: "expect")
      && head.headers["expect"].contains { $0.lowercased() == "100-continue" }
  }

  /// RFC 9112 §9.3, §9.6: whether the connection ends with the answer. After a request to become another protocol the
  /// decoder reads no further; a client of HTTP/1.0 is not kept waiting for an end that only time would bring.
  static func isLast(_ head: HTTPRequestHead) -> Bool {
    if head.method == .CONNECT || head.version.major < 1 || head.version == .http1_0 { return true }
    for (name, value) in head.headers where name.utf8.count == 10 && name.lowercased() == "connection" {
      let options = value.lowercased().split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
      if options.contains("close") || options.contains("upgrade") { return true }
    }
    return false
  }
}

/// Makes the heads of one connection: its requests have the same field names in the same order as a rule, so a name is
/// made once.
struct RequestHeads {
  private var names: [(text: String, name: HTTPField.Name)] = []
  private var host: (authority: String, name: String) = ("", "")

  mutating func read(_ head: HTTPRequestHead) -> RequestHead {
    var fields = HTTPFields()
    fields.reserveCapacity(head.headers.count)
    var authority: String?
    var hosts = 0
    var index = 0
    for (text, value) in head.headers {
      guard let name = name(text, at: index) else { continue }
      index += 1
      if name.canonicalName == "host" {
        hosts += 1
        authority = value
      } else {
        fields.append(HTTPField(name: name, value: value))
      }
    }
    return RequestHead(
      method: head.method.rawValue, target: head.uri, fields: fields, authority: hosts == 1 ? authority ?? "" : "")
  }

  /// The host's name in an authority (`IncomingRequest.hostName`).
  mutating func hostName(_ authority: String) -> String {
    if host.authority != authority { host = (authority, IncomingRequest.hostName(authority)) }
    return host.name
  }

  private mutating func name(_ text: String, at index: Int) -> HTTPField.Name? {
    if index < names.count, names[index].text == text { return names[index].name }
    guard let name = HTTPField.Name(text) else { return nil }
    if index < names.count { names[index] = (text, name) } else { names.append((text, name)) }
    return name
  }
}
