import Dispatch
import Foundation
import OAuth
import Vocabulary

/// Argon2id takes 19 MiB and tens of milliseconds: as many at once as there are cores, the rest wait their turn, and
/// none on a thread that requests need (RFC 9106 §4).
public final class PasswordWork: Sendable {
  private let queue: OperationQueue
  /// What an unknown user's password is compared with, so that the work is the same.
  private static let decoy = Passwords.hash(Secret("doorward")) ?? []

  public init() {
    queue = OperationQueue()
    queue.maxConcurrentOperationCount = max(1, ProcessInfo.processInfo.activeProcessorCount)
    // Before anybody signs in, so that the first one does not wait for it.
    _ = Self.decoy
  }

  /// More than this would wait longer than a person does.
  private static let queueLimit = 100

  /// `nil` when so many wait already that this one would wait in vain.
  func verify(_ password: Secret, against hash: [UInt8]?) async -> Bool? {
    guard queue.operationCount < Self.queueLimit else { return nil }
    return await withCheckedContinuation { continuation in
      queue.addOperation {
        let matches = Passwords.verify(password, against: hash ?? Self.decoy)
        continuation.resume(returning: matches && hash != nil)
      }
    }
  }
}
