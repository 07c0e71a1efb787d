public import NIOCore
import NIOHTTPTypesHTTP1

/// Puts what answers at once where the decoder's requests arrive first, before the framework makes its own of them; and
/// before that the idle time-out, since the framework's sees only what is handed on to it.
public final class FrontRow: ChannelInboundHandler, RemovableChannelHandler {
  public typealias InboundIn = NIOAny

  private let gate: Gate
  private let trusted: TrustedPeers

  public init(gate: Gate, trusted: TrustedPeers) {
    self.gate = gate
    self.trusted = trusted
  }

  public func handlerAdded(context: ChannelHandlerContext) {
    let pipeline = context.pipeline.syncOperations
    do {
      let framework = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
      try pipeline.addHandlers(
        [IdleStateHandler(readTimeout: .seconds(75)), SynchronousDecisions(gate: gate, trusted: trusted)],
        position: .before(framework))
    } catch {
      // Without them there would be neither a time-out nor an answer to what is no HTTP.
      context.close(promise: nil)
    }
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }
}
