import Vocabulary

/// A whole store copied into another engine, record for record, and compared afterwards.
public struct StoreCopy: Sendable {
  private let source: any StoreExport
  private let target: any StoreImport
  private let pageSize: Int

  public enum Fault: Error, Equatable {
    /// So many records are there, and it was not said that they are of a copy begun before.
    case targetHasRecords(Int)
    /// A record of the target is not the source's of that key: it is no copy of this source.
    case targetDiffers(RecordKey)
    case unknownKinds([String])
    case sourceChanged
    /// Afterwards something was missing, or more than there should be.
    case incomplete(String)
    case source(StoreFailure)
    case target(StoreFailure)
  }

  public struct Report: Equatable, Sendable {
    public let counts: [String: Int]
    /// Of these were there before, from a copy that was cut off.
    public let found: Int
    /// Of everything, equal on both sides; in hexadecimal digits.
    public let digest: String
  }

  /// - Parameter pageSize: how many records are written in one transaction.
  public init(from source: any StoreExport, to target: any StoreImport, pageSize: Int = 500) {
    self.source = source
    self.target = target
    self.pageSize = max(1, pageSize)
  }

  /// What a server looks for when it starts comes last: one started on half a copy knows nobody, and refuses.
  static let order = RecordKind.allCases.filter { !$0.isAnnounced } + RecordKind.allCases.filter(\.isAnnounced)

  /// - Parameters:
  ///   - continuing: the target may hold a part of the copy; each record there must be equal to the source's.
  ///   - progress: is told how many records of how many are behind; called after each page.
  public func run(
    continuing: Bool, progress: @Sendable (_ done: Int, _ total: Int) -> Void
  ) async throws(Fault) -> Report {
    let before = try await census(source, Fault.source)
    if !before.unknownKinds.isEmpty { throw .unknownKinds(before.unknownKinds) }
    let there = try await census(target, Fault.target).total
    if there > 0, !continuing { throw .targetHasRecords(there) }
    var done = 0
    var found = 0
    for kind in Self.order {
      try await pages(kind) { page throws(Fault) in
        found += try await store(page)
        done += page.count
        progress(done, before.total)
      }
    }
    let digest = try await compare()
    guard try await census(source, Fault.source) == before else { throw .sourceChanged }
    let after = try await census(target, Fault.target)
    guard after.counts == before.counts else {
      throw .incomplete("\(before.total) records were expected and \(after.total) are there")
    }
    return Report(counts: before.counts, found: found, digest: digest)
  }

  /// Adds what is missing of a page; answers how many records were there.
  private func store(_ page: [StoredRecord]) async throws(Fault) -> Int {
    let present: [StoredRecord?]
    do { present = try await target.read(page.map(\.key)) } catch { throw .target(error) }
    var missing: [StoredRecord] = []
    for (record, other) in zip(page, present) {
      guard let other else {
        missing.append(record)
        continue
      }
      if other != record { throw .targetDiffers(record.key) }
    }
    if missing.isEmpty { return page.count }
    do {
      guard try await target.importRecords(missing) == .committed else { throw Fault.targetDiffers(missing[0].key) }
    } catch let failure as StoreFailure { throw .target(failure) } catch let fault as Fault { throw fault } catch {
      throw .target(.unavailable("\(type(of: error))"))
    }
    return page.count - missing.count
  }

  /// Every record of both, side by side.
  private func compare() async throws(Fault) -> String {
    var digest = StoreDigest()
    for kind in Self.order {
      var after: String?
      try await pages(kind) { page throws(Fault) in
        let copied: [StoredRecord]
        do throws(StoreFailure) {
          copied = try await target.list(.all(kind, after: after, limit: pageSize))
        } catch { throw Fault.target(error) }
        guard copied == page else {
          let wrong = zip(page, copied).first { $0 != $1 }?.0.key ?? page.last?.key
          throw .incomplete("the \(kind.rawValue) \(wrong?.key ?? "") is not there as it should be")
        }
        for record in page { digest.add(record) }
        after = page.last?.key.key
      }
    }
    return digest.hexadecimal
  }

  private func pages(
    _ kind: RecordKind, _ use: (_ page: [StoredRecord]) async throws(Fault) -> Void
  ) async throws(Fault) {
    var after: String?
    while true {
      let page: [StoredRecord]
      do { page = try await source.list(.all(kind, after: after, limit: pageSize)) } catch { throw .source(error) }
      if page.isEmpty { return }
      try await use(page)
      guard page.count == pageSize, let last = page.last else { return }
      after = last.key.key
    }
  }

  private func census(
    _ store: any StoreExport, _ fault: (StoreFailure) -> Fault
  ) async throws(Fault) -> StoreCensus {
    do { return try await store.census() } catch { throw fault(error) }
  }
}
