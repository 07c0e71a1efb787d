import AuthorizationServer
import Catalogue
import Foundation
import HTTPTypes
import Vocabulary

/// A request from a file: as a proxy or a browser's tools save it, with the head as HTTP/1.1 writes it (RFC 9112 §2).
struct SavedRequest {
  let method: String
  let target: String
  let host: String
  let headers: HTTPFields
  let body: [UInt8]

  private static let mostLines = 1000
  private static let largestHead = 1 << 20

  init(parsing bytes: [UInt8]) throws {
    // The body is taken byte for byte, whatever it is.
    let data = Data(bytes)
    let ends = ["\r\n\r\n", "\n\n"].compactMap { data.range(of: Data($0.utf8)) }.min { $0.lowerBound < $1.lowerBound }
    let head = String(decoding: ends.map { data[..<$0.lowerBound] } ?? data, as: UTF8.self)
    let lines = head.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count <= Self.mostLines, head.utf8.count <= Self.largestHead else {
      throw Ending.usage(
        "the head has \(lines.count) lines and \(head.utf8.count) bytes; no server reads more than \(Self.mostLines) lines or \(Self.largestHead) bytes"
      )
    }
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count >= 2, words[0].utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
      throw Ending.usage("the first line is no request line; it should read as: GET /notes HTTP/1.1")
    }
    method = String(words[0])
    var headers = HTTPFields()
    var host = ""
    for (number, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      guard let colon = line.firstIndex(of: ":"), let name = HTTPField.Name(String(line[..<colon])) else {
        throw Ending.usage("line \(number + 1) is no header; it should read as: Name: value")
      }
      let value = String(line[line.index(after: colon)...]).trimmingCharacters(in: .whitespaces)
      if name.canonicalName == "host" { host = value } else { headers.append(HTTPField(name: name, value: value)) }
    }
    self.headers = headers
    body = ends.map { Array(data[$0.upperBound...]) } ?? []
    // A saved request may have the whole address in its first line.
    if let url = URL(string: String(words[1])), url.scheme != nil, let name = url.host {
      self.host = host.isEmpty ? name : host
      let rest = words[1].split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
      target = "/" + (rest.count > 3 ? String(rest[3]) : "")
    } else {
      self.host = host
      target = String(words[1])
    }
  }

  init(method: String, target: String, host: String, headers: HTTPFields) {
    self.method = method
    self.target = target
    self.host = host
    self.headers = headers
    body = []
  }

  /// - Throws: the refusal of a target that can be read in more than one way.
  func incoming(defaultHost: String, trace: TraceID) throws(Refusal) -> IncomingRequest {
    placed(at: try RequestTarget(target), defaultHost: defaultHost, trace: trace)
  }

  /// The same without its target, for a request whose target cannot be read.
  func placed(at target: RequestTarget = .root, defaultHost: String, trace: TraceID) -> IncomingRequest {
    var request = IncomingRequest(
      method: method, target: target, headers: headers,
      host: IncomingRequest.hostName(host.isEmpty ? defaultHost : host), peer: "127.0.0.1", trace: trace, body: body)
    request.authority = host.isEmpty ? defaultHost : host
    return request
  }
}
