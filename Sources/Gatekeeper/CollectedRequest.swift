import AuthorizationServer
import NIOCore

/// A small request that waits for its body, or has it.
struct CollectedRequest {
  let request: IncomingRequest
  var body: [ByteBuffer] = []

  var whole: IncomingRequest {
    var whole = request
    for bytes in body { whole.body.append(contentsOf: bytes.readableBytesView) }
    return whole
  }
}
