import AuthorizationServer
import Catalogue
import Dialects
import HTTPTypes
public import NIOCore
public import NIOHTTP1
import NIOHTTPTypesHTTP1
import OAuth
import Vocabulary

/// In front of the framework, on the event loop: what needs no I/O is answered here, without a task or a hop (see
/// `ImmediateAnswers`); what needs the store only, by a task that stays on this event loop. Everything else is handed on
/// untouched. Bytes that are no HTTP get a refusal with a trace, too.
///
/// A class, as NIO wants its handlers; one for each connection, touched by its event loop only.
public final class SynchronousDecisions: ChannelDuplexHandler, RemovableChannelHandler {
  public typealias InboundIn = HTTPServerRequestPart
  public typealias InboundOut = HTTPServerRequestPart
  public typealias OutboundIn = HTTPServerResponsePart
  public typealias OutboundOut = HTTPServerResponsePart

  private let gate: Gate
  private let answers: ImmediateAnswers
  /// Where bytes are written that are spelled out already: before the encoder.
  var encoder: ChannelHandlerContext?
  /// A small request whose body decides whether it can be answered here.
  var collected: CollectedRequest?
  /// While a task works on an answer, what comes after its request waits.
  var held: HeldArrivals?
  /// Requests handed on whose answer has not gone out: answers must keep the order of the questions.
  var pending = 0
  /// The rest of a request that was answered here is swallowed.
  private var isSwallowing = false
  /// A request whose end has not come.
  var isReading = false
  /// How many parts of requests have come, which tells whether any came since.
  var parts = 0
  /// How many parts of answers the framework has written.
  private(set) var written = 0
  /// When the last request's head came.
  private var arrival = Stopwatch()
  /// Nothing more is read or answered: the connection is on its way out.
  var isEnding = false
  /// Nothing more is read.
  private var isDeaf = false
  /// Answers written and not flushed yet.
  var isUnflushed = false
  /// Whether the connection ends with the answers that are due.
  var closesAfterAnswers = false
  /// Its last request has begun, or an answer said that it is the last: what follows is not done (RFC 9112 §9.6).
  private var takesNoMore = false
  /// The server is to stop.
  var isStopping = false
  /// When the connection came, or the last answer went out.
  var lastUse = NIODeadline.now()
  /// Who is at the other end, which does not change.
  private var peer: String?
  private var heads = RequestHeads()
  /// Of trace ids.
  private var randomness = SystemRandomness()

  public init(gate: Gate, trusted: TrustedPeers) {
    self.gate = gate
    answers = ImmediateAnswers(gate: gate, trusted: trusted)
  }

  public func handlerAdded(context: ChannelHandlerContext) {
    encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
  }

  public func handlerRemoved(context: ChannelHandlerContext) { encoder = nil }

  public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isEnding || isDeaf { return }
    parts &+= 1
    let part = unwrapInboundIn(data)
    if held != nil {
      held?.arrivals.append(.part(part))
      return
    }
    switch part {
    case .head(let head):
      if takesNoMore {
        isDeaf = true
        return
      }
      isReading = true
      if RequestHead.isLast(head) { (closesAfterAnswers, takesNoMore) = (true, true) }
      // A caller who does not read its answers is handed on: the framework stops reading from such a connection.
      // Nor is who provokes a refusal: there every request passes once.
      if pending == 0, context.channel.isWritable, head.uri.utf8.first == UInt8(ascii: "/") {
        arrival = Stopwatch()
        let read = heads.read(head)
        var request = incoming(read, context)
        switch answers.judge(read, request) {
        case .answer(let answer, let api):
          isSwallowing = true
          gate.issuer.requests.count(.api, since: arrival)
          return write(answer, request.trace, api?.contract, context, withBody: head.method != .HEAD)
        case .collect(let target):
          request.target = target
          collected = CollectedRequest(request: request)
          return invite(head, context)
        case .handOn: break
        }
        invite(head, context)
      }
      pending += 1
    case .body(let bytes):
      if isSwallowing { return }
      if collected != nil {
        collected?.body.append(bytes)
        return
      }
    case .end:
      isReading = false
      if isSwallowing {
        isSwallowing = false
        if isStopping { end(context) }
        return
      }
      if let collected {
        self.collected = nil
        return answer(collected.whole, context)
      }
    }
    context.fireChannelRead(data)
  }

  /// Nothing was read for a while: a connection without a request ends, and one whose request does not go on. One that
  /// waits for its answer stays.
  public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ChannelShouldQuiesceEvent {
      stop(context)
    } else if case IdleStateHandler.IdleStateEvent.read = event {
      if isEnding || held == nil && (pending == 0 || isReading) { context.close(promise: nil) }
    } else if held != nil {
      // Such as the caller's having sent all: after the answer.
      held?.arrivals.append(.event(event))
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  public func read(context: ChannelHandlerContext) {
    if held != nil { held?.wantsRead = true } else { context.read() }
  }

  public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    written &+= 1
    let part = unwrapOutboundIn(data)
    if case .head(var head) = part, closesAfterAnswers, pending == 1 {
      takesNoMore = true
      head.headers.replaceOrAdd(name: "Connection", value: "close")
      return context.write(wrapOutboundOut(.head(head)), promise: promise)
    }
    context.write(data, promise: promise)
    guard case .end = part, pending > 0 else { return }
    pending -= 1
    lastUse = .now()
    guard closesAfterAnswers, pending == 0 else { return }
    // Who was not told that it was the last may have sent another.
    if takesNoMore { end(context) } else if isIdle { endUnlessUsed(context) }
  }

  /// The framework ends the connection: what is still read from it could not be answered, so it must not be done.
  public func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    guard mode == .all else { return context.close(mode: mode, promise: promise) }
    end(context, promise)
  }

  public func channelReadComplete(context: ChannelHandlerContext) {
    flushAnswers(context)
    context.fireChannelReadComplete()
  }

  private func flushAnswers(_ context: ChannelHandlerContext) {
    guard isUnflushed else { return }
    isUnflushed = false
    context.flush()
  }

  /// RFC 9110 §10.1.1: who waits to be told to send the body is told so.
  private func invite(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    guard RequestHead.waitsForContinue(head) else { return }
    let line = context.channel.allocator.buffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
    (encoder ?? context).writeAndFlush(NIOAny(IOData.byteBuffer(line)), promise: nil)
  }

  private func incoming(_ head: RequestHead, _ context: ChannelHandlerContext) -> IncomingRequest {
    if peer == nil { peer = context.channel.remoteAddress?.ipAddress }
    var request = IncomingRequest(
      method: head.method, target: .root, headers: head.fields, host: heads.hostName(head.authority), peer: peer,
      trace: TraceID(random: randomness.next(), randomness.next()))
    request.authority = head.authority
    request.forwardedFor = answers.forwardAuth.caller(request)
    return request
  }

  /// Answers a request whose body is there, at once or by a task.
  private func answer(_ request: IncomingRequest, _ context: ChannelHandlerContext) {
    if let answer = answers.answer(request) {
      gate.issuer.requests.count(.token, since: arrival)
      return write(answer, request.trace, nil, context)
    }
    held = HeldArrivals()
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let eventLoop = context.eventLoop
    let answers = answers
    Task(executorPreference: EventLoopTasks(eventLoop)) {
      let answer = await answers.answerFromStore(request)
      eventLoop.execute {
        let (decisions, context) = bound.value
        decisions.finish(answer, request.trace, context)
      }
    }
  }

  /// Writes the answer a task has made, and goes on with what came meanwhile.
  private func finish(_ answer: OutgoingAnswer, _ trace: TraceID, _ context: ChannelHandlerContext) {
    gate.issuer.requests.count(.token, since: arrival)
    guard let waited = held else { return }
    held = nil
    write(answer, trace, nil, context)
    for arrival in waited.arrivals {
      switch arrival {
      case .part(let part): channelRead(context: context, data: wrapInboundOut(part))
      case .event(let event): userInboundEventTriggered(context: context, event: event)
      case .error(let error): errorCaught(context: context, error: error)
      }
    }
    channelReadComplete(context: context)
    if waited.wantsRead { read(context: context) }
  }

  public func channelInactive(context: ChannelHandlerContext) {
    // Nobody is there to read the answer; what it told of has happened all the same.
    held = nil
    isEnding = true
    context.fireChannelInactive()
  }

  private func write(
    _ answer: OutgoingAnswer, _ trace: TraceID, _ contract: Contract?, _ context: ChannelHandlerContext,
    withBody: Bool = true
  ) {
    var buffer = context.channel.allocator.buffer(capacity: 512 + answer.body.count)
    AnswerBytes.write(
      answer, trace: trace, contract: contract, withBody: withBody, closing: closesAfterAnswers, to: &buffer)
    isUnflushed = true
    lastUse = .now()
    (encoder ?? context).write(NIOAny(IOData.byteBuffer(buffer)), promise: nil)
    if closesAfterAnswers { end(context) }
  }

  /// What is no HTTP: the framework would answer an empty 400; ours has a body, a trace and a record.
  public func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if held != nil {
      held?.arrivals.append(.error(error))
      return
    }
    guard error is HTTPParserError, pending == 0, !isEnding else {
      context.fireErrorCaught(error)
      return
    }
    let trace = TraceID.random()
    closesAfterAnswers = true
    write(answers.malformed(error, from: context.channel.remoteAddress?.ipAddress, trace), trace, nil, context)
  }
}
