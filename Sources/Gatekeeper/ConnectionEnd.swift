import NIOCore

/// How a connection ends: never before all that was written has left, and never while its caller may rightly expect one
/// more answer.
extension SynchronousDecisions {
  /// How long a connection that was just used is kept when the server is to stop: whoever has it may have sent the next
  /// request already, and could not know whether it was done.
  private static let patienceForNext = TimeAmount.seconds(1)

  /// Ends the connection when all that was written has left: a channel that is closed drops the rest.
  func end(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>? = nil) {
    isEnding = true
    isUnflushed = false
    context.flush()
    let sent = context.eventLoop.makePromise(of: Void.self)
    (encoder ?? context).writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer())), promise: sent)
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    sent.futureResult.whenComplete { _ in bound.value.close(promise: promise) }
  }

  /// The server is to stop: after the answers that are due, and after the next one where it may be on its way. The
  /// framework is not told, since it would not wait for that.
  func stop(_ context: ChannelHandlerContext) {
    (closesAfterAnswers, isStopping) = (true, true)
    endStalled(context)
    if isIdle { endUnlessUsed(context) }
  }

  func endUnlessUsed(_ context: ChannelHandlerContext) {
    let deadline = lastUse + Self.patienceForNext
    guard deadline > .now() else { return end(context) }
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    context.eventLoop.scheduleTask(deadline: deadline) {
      let (decisions, context) = bound.value
      if decisions.isIdle, !decisions.isEnding { decisions.end(context) }
    }
  }

  var isIdle: Bool { held == nil && collected == nil && pending == 0 && !isReading }

  /// Whoever stands still while the server is to stop, within a request or an answer, is not waited for as long as at
  /// other times. A request has twenty seconds, however slowly it goes on; a service manager kills after thirty.
  private func endStalled(_ context: ChannelHandlerContext, look: Int = 1) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let before = (parts: parts, written: written, isEnding: isEnding)
    context.eventLoop.scheduleTask(in: .seconds(10)) {
      let (decisions, context) = bound.value
      guard context.channel.isActive else { return }
      let isUnsent = decisions.isReading && (decisions.parts == before.parts || look > 1)
      let isUnread = !context.channel.isWritable && decisions.written == before.written
      if isUnsent || isUnread || before.isEnding {
        context.close(promise: nil)
      } else if !decisions.isIdle || decisions.isEnding {
        decisions.endStalled(context, look: look + 1)
      }
    }
  }
}
