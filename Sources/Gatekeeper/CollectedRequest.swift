import AuthorizationServer
import NIOCore
import NIOHTTP1

/// A small request that waits for its body, or has it.
struct CollectedRequest {
  let head: HTTPRequestHead
  let request: IncomingRequest
  var body: [ByteBuffer] = []

  /// `nil` when its target cannot be read, which the framework tells.
  var whole: IncomingRequest? {
    guard let target = try? RequestTarget(head.uri) else { return nil }
    var whole = request
    whole.target = target
    for bytes in body { whole.body.append(contentsOf: bytes.readableBytesView) }
    return whole
  }
}
