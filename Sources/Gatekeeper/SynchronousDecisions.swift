import AuthorizationServer
import Catalogue
import Dialects
import HTTPTypes
public import NIOCore
import NIOHTTP1
public import NIOHTTPTypes
import OAuth
import Synchronization
import Vocabulary

/// In front of the framework, on the event loop: what needs no I/O is answered here, without a task or a hop (see
/// `ImmediateAnswers`). Everything else is handed on untouched. Bytes that are no HTTP get a refusal with a trace, too.
///
/// A class, as NIO wants its handlers; one for each connection, touched by its event loop only.
public final class SynchronousDecisions: ChannelDuplexHandler, RemovableChannelHandler {
  public typealias InboundIn = HTTPRequestPart
  public typealias InboundOut = HTTPRequestPart
  public typealias OutboundIn = HTTPResponsePart
  public typealias OutboundOut = HTTPResponsePart

  private let gate: Gate
  private let answers: ImmediateAnswers
  /// Where bytes are written that are spelled out already: before the encoder.
  private var encoder: ChannelHandlerContext?
  /// A small request whose body decides whether it can be answered here.
  private var collected: (head: HTTPRequest, bodies: [ByteBuffer])?
  /// Requests handed on whose answer has not gone out: answers must keep the order of the questions.
  private var pending = 0
  /// The rest of a request that was answered here is swallowed.
  private var isSwallowing = false
  /// A request whose end has not come.
  private var isReading = false
  /// Nothing more is read or answered: the connection is on its way out.
  private var isEnding = false
  /// Answers written and not flushed yet.
  private var isUnflushed = false
  /// Whether the connection ends with the answers that are due.
  private var closesAfterAnswers = false

  public init(gate: Gate, trusted: TrustedPeers) {
    self.gate = gate
    answers = ImmediateAnswers(gate: gate, trusted: trusted)
  }

  public func handlerAdded(context: ChannelHandlerContext) {
    encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
  }

  public func handlerRemoved(context: ChannelHandlerContext) { encoder = nil }

  public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isEnding { return }
    let part = unwrapInboundIn(data)
    switch part {
    case .head(let head):
      isReading = true
      if Self.isLast(head) { closesAfterAnswers = true }
      // A caller who does not read its answers is handed on: the framework stops reading from such a connection.
      // Nor is who provokes a refusal: there every request passes once.
      if pending == 0, context.channel.isWritable, head.method != .connect, !Provoker.isAsked(head.headerFields) {
        let request = incoming(head, context)
        switch answers.judge(head, request) {
        case .answer(let answer, let api):
          isSwallowing = true
          gate.issuer.requests.api.add(1, ordering: .relaxed)
          return write(answer, request.trace, api?.contract, context, withBody: head.method != .head)
        case .collect:
          collected = (head, [])
          return
        case .handOn: break
        }
      }
      pending += 1
    case .body(let bytes):
      if isSwallowing { return }
      if collected != nil {
        collected?.bodies.append(bytes)
        return
      }
    case .end:
      isReading = false
      if isSwallowing {
        isSwallowing = false
        return
      }
      if let (head, bodies) = collected {
        collected = nil
        if answered(head, bodies, context) { return }
        pending += 1
        context.fireChannelRead(wrapInboundOut(.head(head)))
        for body in bodies { context.fireChannelRead(wrapInboundOut(.body(body))) }
      }
    }
    context.fireChannelRead(data)
  }

  /// Nothing was read for a while: a connection without a request ends, and one whose request does not go on. One that
  /// waits for its answer stays.
  public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case IdleStateHandler.IdleStateEvent.read = event else { return context.fireUserInboundEventTriggered(event) }
    if pending == 0 || isReading { context.close(promise: nil) }
  }

  public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard case .end = unwrapOutboundIn(data), pending > 0 else { return context.write(data, promise: promise) }
    pending -= 1
    guard closesAfterAnswers, pending == 0 else { return context.write(data, promise: promise) }
    context.write(data, promise: promise)
    end(context)
  }

  public func channelReadComplete(context: ChannelHandlerContext) {
    if isUnflushed {
      isUnflushed = false
      context.flush()
    }
    context.fireChannelReadComplete()
  }

  /// RFC 9112 §9.6; and after a request to become another protocol the decoder reads no further.
  private static func isLast(_ head: HTTPRequest) -> Bool {
    if head.method == .connect { return true }
    return head.headerFields[values: .connection].contains { value in
      value.lowercased().split(separator: ",").contains { option in
        let name = option.filter { $0 != " " && $0 != "\t" }
        return name == "close" || name == "upgrade"
      }
    }
  }

  private func end(_ context: ChannelHandlerContext) {
    isEnding = true
    context.flush()
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    // After what was written: the framework waits for the other side, which may wait for ours.
    context.eventLoop.execute { bound.value.close(promise: nil) }
  }

  private func incoming(_ head: HTTPRequest, _ context: ChannelHandlerContext) -> IncomingRequest {
    var request = IncomingRequest(
      method: head.method.rawValue, target: .root, headers: head.headerFields,
      host: IncomingRequest.hostName(head.authority ?? ""), peer: context.channel.remoteAddress?.ipAddress,
      trace: .random())
    request.authority = head.authority ?? ""
    request.forwardedFor = answers.forwardAuth.caller(request)
    return request
  }

  /// Answers a request whose body is there; says no where the store must be asked.
  private func answered(_ head: HTTPRequest, _ bodies: [ByteBuffer], _ context: ChannelHandlerContext) -> Bool {
    guard let path = head.path, let target = try? RequestTarget(path) else { return false }
    let seen = incoming(head, context)
    var request = IncomingRequest(
      method: seen.method, target: target, headers: seen.headers, host: seen.host, peer: seen.peer, trace: seen.trace,
      body: bodies.flatMap { Array($0.readableBytesView) })
    request.authority = seen.authority
    request.forwardedFor = seen.forwardedFor
    guard let answer = answers.answer(request) else { return false }
    gate.issuer.requests.count(request.target.segments)
    write(answer, request.trace, nil, context)
    return true
  }

  private func write(
    _ answer: OutgoingAnswer, _ trace: TraceID, _ contract: Contract?, _ context: ChannelHandlerContext,
    withBody: Bool = true
  ) {
    var buffer = context.channel.allocator.buffer(capacity: 512 + answer.body.count)
    AnswerBytes.write(
      answer, trace: trace, contract: contract, withBody: withBody, closing: closesAfterAnswers, to: &buffer)
    isUnflushed = true
    (encoder ?? context).write(NIOAny(IOData.byteBuffer(buffer)), promise: nil)
    if closesAfterAnswers {
      isUnflushed = false
      end(context)
    }
  }

  /// What is no HTTP: the framework would answer an empty 400; ours has a body, a trace and a record.
  public func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard error is HTTPParserError, pending == 0, !isEnding else {
      context.fireErrorCaught(error)
      return
    }
    let trace = TraceID.random()
    let isHeaders = (error as? HTTPParserError) == .headerOverflow
    let refusal: Refusal =
      isHeaders ? .request(.headersTooLarge(limit: 81_920)) : .request(.messageMalformed(Excerpt("\(error)")))
    let request = IncomingRequest(
      method: "(none)", target: .root, headers: [:], host: "", peer: context.channel.remoteAddress?.ipAddress,
      trace: trace)
    closesAfterAnswers = true
    write(gate.issuer.refuse(refusal, request, place: .api), trace, nil, context)
  }
}
