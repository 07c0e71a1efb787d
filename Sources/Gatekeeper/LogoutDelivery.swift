public import AsyncHTTPClient
public import AuthorizationServer
import Catalogue
import Foundation
import NIOCore
import NIOHTTP1
import OAuth
import Storage
import Synchronization
import Vocabulary

/// Posts logout tokens to the applications that asked for them (OpenID Connect Back-Channel Logout §2.5): many at once,
/// few to each, none for long. What cannot be delivered is tried again a few times and then reported, never with the
/// token.
public struct LogoutDelivery: Sendable {
  private let notices: LogoutNotices
  private let client: HTTPClient
  private let running = RunningDeliveries()

  private static let pause = Duration.milliseconds(250)
  private static let page = 200
  private static let timeout = TimeAmount.seconds(5)

  /// - Parameter client: one that follows no redirect: a token is for the address that was registered.
  public init(issuer: Issuer, client: HTTPClient) {
    notices = LogoutNotices(issuer: issuer)
    self.client = client
  }

  /// Goes on until its task is cancelled; an attempt that is cut short is made again by the next process.
  public func run(report: @escaping @Sendable (String) -> Void) async {
    await withDiscardingTaskGroup { group in
      // Page by page, round and round: those that wait for another attempt keep nobody from their first.
      var after: String?
      while !Task.isCancelled {
        try? await Task.sleep(for: Self.pause)
        guard let found = try? await notices.page(after: after, limit: Self.page) else { continue }
        after = found.next
        for notice in found.notices where notice.record.dueAt <= Clock.now && running.begin(notice.record.client) {
          guard let taken = try? await notices.take(notice, now: Clock.now) else {
            running.end(notice.record.client)
            continue
          }
          group.addTask {
            await deliver(taken, report)
            running.end(taken.client)
          }
        }
      }
    }
  }

  private func deliver(_ notice: LogoutNotice, _ report: @Sendable (String) -> Void) async {
    let outcome = await attempt(notice)
    switch outcome {
    case .delivered: notices.counts.add(.delivered)
    case .failed(let reason, let isFinal):
      // Where the store cannot say so, the notice comes up again by itself.
      if !isFinal, (try? await notices.postpone(notice, now: Clock.now)) ?? true {
        notices.counts.add(.postponed)
        return
      }
      notices.counts.add(.abandoned)
      report(
        "client \(Excerpt(notice.client.value)) was not told that a session ended: \(reason), "
          + "attempt \(notice.attempts), the last")
    }
    // Should that fail, the client hears of it once more, which does no harm.
    try? await notices.remove(notice)
  }

  private enum Outcome {
    case delivered
    case failed(Excerpt, isFinal: Bool)
  }

  private func attempt(_ notice: LogoutNotice) async -> Outcome {
    guard let message = notices.message(notice, now: Clock.now) else {
      return .failed("the client or its address is gone, or there is no key to sign with", isFinal: false)
    }
    var request = HTTPClientRequest(url: message.address.value)
    request.method = .POST
    request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
    request.body = .bytes(ByteBuffer(string: Form.encode([("logout_token", message.token.reveal())])))
    do {
      let answer = try await client.execute(request, deadline: .now() + Self.timeout)
      return Self.judge(Int(answer.status.code))
    } catch {
      let what = (error as? HTTPClientError) == .deadlineExceeded ? "no answer in 5 s" : "\(type(of: error))"
      return .failed(Excerpt(what), isFinal: false)
    }
  }

  /// §2.8: 200, or 204 where a framework makes that of an empty body; 400 means that trying again is of no use.
  private static func judge(_ status: Int) -> Outcome {
    switch status {
    case 200..<300: .delivered
    case 300..<400: .failed(Excerpt("status \(status), a redirect, which is not followed"), isFinal: true)
    default: .failed(Excerpt("status \(status)"), isFinal: status == 400)
    }
  }
}

/// How many attempts are under way. A class, since the loop and its attempts share it; the lock protects the counts.
private final class RunningDeliveries: Sendable {
  private struct Counts {
    var all = 0
    var byClient: [ClientID: Int] = [:]
  }

  private static let most = 64
  private static let mostOfOne = 8
  private let counts = Mutex(Counts())

  func begin(_ client: ClientID) -> Bool {
    counts.withLock { counts in
      guard counts.all < Self.most, counts.byClient[client, default: 0] < Self.mostOfOne else { return false }
      counts.all += 1
      counts.byClient[client, default: 0] += 1
      return true
    }
  }

  func end(_ client: ClientID) {
    counts.withLock { counts in
      counts.all -= 1
      let left = counts.byClient[client, default: 1] - 1
      counts.byClient[client] = left > 0 ? left : nil
    }
  }
}
