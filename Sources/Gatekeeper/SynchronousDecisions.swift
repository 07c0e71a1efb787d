import AuthorizationServer
import Catalogue
import HTTPTypes
public import NIOCore
import NIOHTTP1
public import NIOHTTPTypes
import OAuth
import Vocabulary

/// In front of the framework, on the event loop: forward-auth questions that need no I/O are answered here,
/// without a task or a hop. Everything else is handed on untouched. Bytes that are no HTTP get a refusal with a trace, too.
///
/// A class, as NIO wants its handlers; one for each connection, touched by its event loop only.
public final class SynchronousDecisions: ChannelDuplexHandler, RemovableChannelHandler {
  public typealias InboundIn = HTTPRequestPart
  public typealias InboundOut = HTTPRequestPart
  public typealias OutboundIn = HTTPResponsePart
  public typealias OutboundOut = HTTPResponsePart

  private let gate: Gate
  private let forwardAuth: ForwardAuth
  /// Requests handed on whose answer has not gone out: answers must keep the order of the questions.
  private var pending = 0
  /// The rest of a request that was answered here is swallowed.
  private var isSwallowing = false
  /// Nothing more is read or answered: the connection is on its way out.
  private var isEnding = false
  /// Answers written and not flushed yet.
  private var isUnflushed = false
  /// Whether the connection ends with the answers that are due.
  private var closesAfterAnswers = false

  public init(gate: Gate, trusted: TrustedPeers) {
    self.gate = gate
    forwardAuth = ForwardAuth(gate: gate, trusted: trusted)
  }

  public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isEnding { return }
    let part = unwrapInboundIn(data)
    switch part {
    case .head(let head):
      if Self.isLast(head) { closesAfterAnswers = true }
      // A caller who does not read its answers is handed on: the framework stops reading from such a connection.
      if pending == 0, context.channel.isWritable, let answer = answer(head, context) {
        isSwallowing = true
        write(answer, context, withBody: head.method != .head)
        return
      }
      pending += 1
    case .body: if isSwallowing { return }
    case .end:
      if isSwallowing {
        isSwallowing = false
        return
      }
    }
    context.fireChannelRead(data)
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

  private func answer(_ head: HTTPRequest, _ context: ChannelHandlerContext) -> (OutgoingAnswer, TraceID)? {
    guard let path = head.path, path == "/verify" || path.hasPrefix("/verify?") else { return nil }
    guard head.method == .get || head.method == .head, head.headerFields[.contentLength] == nil else { return nil }
    let trace = TraceID.random()
    let request = IncomingRequest(
      method: head.method.rawValue, target: .root, headers: head.headerFields,
      host: (head.authority ?? "").prefix { $0 != ":" }.lowercased(), peer: context.channel.remoteAddress?.ipAddress,
      trace: trace)
    return forwardAuth.verdict(request, lookup: .notYet).answer.map { ($0, trace) }
  }

  private func write(_ answer: (OutgoingAnswer, TraceID), _ context: ChannelHandlerContext, withBody: Bool = true) {
    var fields = HTTPFields()
    for (name, value) in answer.0.headers {
      guard let name = HTTPField.Name(name), name != .contentLength else { continue }
      fields.append(HTTPField(name: name, value: value))
    }
    TraceHeaders.set(&fields, answer.1, nil)
    fields[.contentLength] = String(answer.0.body.count)
    let head = HTTPResponse(status: HTTPResponse.Status(code: answer.0.status), headerFields: fields)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if withBody, !answer.0.body.isEmpty {
      context.write(wrapOutboundOut(.body(context.channel.allocator.buffer(bytes: answer.0.body))), promise: nil)
    }
    let end = context.write(wrapOutboundOut(.end(nil)))
    isUnflushed = true
    guard closesAfterAnswers else { return }
    isEnding = true
    isUnflushed = false
    context.flush()
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    end.whenComplete { _ in bound.value.close(promise: nil) }
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
    write((gate.issuer.refuse(refusal, request, place: .api), trace), context)
  }
}
