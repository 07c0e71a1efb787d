#if PostgreSQL
import CPostgreSQL
import Storage
import Vocabulary

/// One prepared statement with its values, and who waits for what comes of it.
struct Call: Sendable {
  enum Failure: Error {
    /// The server said no: nothing was changed.
    case refused(ServerRefusal)
    /// The connection went away. What was asked for may have happened, or may yet.
    case lost(StoreFailure)

    func failure(_ address: DatabaseAddress) -> StoreFailure {
      switch self {
      case .refused(let refusal): refusal.failure(address)
      case .lost(let failure): failure
      }
    }
  }

  let statement: Statement
  let values: [[UInt8]?]
  /// Called once for each time the call is made, on the connection's queue; the reply is gone afterwards.
  let answer: @Sendable (Result<Reply, Failure>) -> Void
}

/// Where connections get their work from.
protocol Workload: Sendable {
  /// Takes the next call to be made; `nil` when there is none now.
  func next() -> Call?
  /// A connection can take calls.
  func connectionCame()
  /// It no longer can.
  func connectionWent()
  /// One was given up since the server did not answer.
  func serverFellSilent(_ failure: StoreFailure)
  /// None could be made.
  func connectionFailed(_ failure: StoreFailure)
}

/// The rows of an answer, in binary form.
struct Reply {
  private let raw: OpaquePointer
  let count: Int

  init(_ raw: OpaquePointer) {
    self.raw = raw
    count = Int(PQntuples(raw))
  }

  private func field(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer? {
    let (row, column) = (Int32(clamping: row), Int32(clamping: column))
    guard PQgetisnull(raw, row, column) == 0, let value = PQgetvalue(raw, row, column) else { return nil }
    return UnsafeRawBufferPointer(start: value, count: Int(PQgetlength(raw, row, column)))
  }

  func integer(_ row: Int, _ column: Int) -> Int64? {
    guard let field = field(row, column), field.count == 8 else { return nil }
    return Int64(bigEndian: field.loadUnaligned(as: Int64.self))
  }

  func text(_ row: Int, _ column: Int) -> String? {
    field(row, column).map { String(decoding: $0, as: UTF8.self) }
  }

  func bytes(_ row: Int, _ column: Int) -> [UInt8]? { field(row, column).map { Array($0) } }

  /// An array of `integer`, which has no nulls.
  func integers(_ row: Int, _ column: Int) -> [Int32]? {
    guard let field = field(row, column), field.count >= 12 else { return nil }
    func number(_ offset: Int) -> Int32 {
      Int32(bigEndian: field.loadUnaligned(fromByteOffset: offset, as: Int32.self))
    }
    if number(0) == 0 { return [] }
    guard number(0) == 1, field.count >= 20, number(12) >= 0, field.count == 20 + 8 * Int(number(12)) else {
      return nil
    }
    return (0..<Int(number(12))).map { number(20 + 8 * $0 + 4) }
  }
}
#endif
