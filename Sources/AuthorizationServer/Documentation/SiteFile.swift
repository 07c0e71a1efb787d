public import Catalogue
import JOSE
import Pages

/// One page in one form, ready to be sent or to be written into a file.
public struct SiteFile: Sendable {
  /// Below the issuer, without a suffix: `/errors/access-token-expired`.
  public let path: String
  public let format: PageFormat
  public let body: [UInt8]
  let headers: [(name: String, value: String)]

  /// - Parameter mediaType: where it is not the form's own; with its parameters.
  init(_ path: String, _ format: PageFormat, bytes: [UInt8], mediaType: String? = nil) {
    self.path = path
    self.format = format
    body = bytes
    let own = format == .json ? format.mediaType : format.mediaType + "; charset=utf-8"
    headers = [
      ("Content-Type", mediaType ?? own),
      ("Cache-Control", "public, max-age=300"), ("X-Content-Type-Options", "nosniff"),
    ]
  }

  init(_ path: String, _ format: PageFormat, _ text: String) { self.init(path, format, bytes: Array(text.utf8)) }

  init(_ path: String, document: Document) {
    self.path = path
    format = .html
    body = document.bytes
    headers = document.headers(.publicly(seconds: 300))
  }

  /// A strong validator (RFC 9110 §8.8.3): the same bytes, the same tag.
  var tag: String { "\"" + Base64URL.encode(Array(SHA256Hash.digest(of: body).prefix(15))) + "\"" }

  /// Whether `If-None-Match` names these bytes (RFC 9110 §13.1.2).
  func isKnown(to condition: [String]) -> Bool {
    let tags = condition.flatMap { $0.split(separator: ",") }.map { String($0).trimmed }
    return tags.contains { $0 == "*" || ($0.hasPrefix("W/") ? String($0.dropFirst(2)) : $0) == tag }
  }
}
