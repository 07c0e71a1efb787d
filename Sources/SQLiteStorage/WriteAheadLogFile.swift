import Foundation

/// The log beside a database, read before SQLite reads it. SQLite takes everything behind the first frame that does not
/// fit for the remains of a crash, and forgets it without a word. A crash can only have torn the last transaction, since
/// each is synced before the next is written; where whole transactions follow, the disk has lost what was promised.
/// (SQLite, Database File Format, §4.)
struct WriteAheadLogFile {
  private struct Frame {
    let salts: UInt64
    let sum: Sum
    let isCommit: Bool
    /// Whether it fits behind a frame with that sum.
    let fits: (Sum) -> Bool
  }

  /// SQLite's running checksum: two words.
  private struct Sum: Equatable {
    var a: UInt32 = 0
    var b: UInt32 = 0

    mutating func add(_ bytes: UnsafeRawBufferPointer, bigEndian: Bool) {
      var index = 0
      while index + 8 <= bytes.count {
        let x = bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self)
        let y = bytes.loadUnaligned(fromByteOffset: index + 4, as: UInt32.self)
        a = a &+ (bigEndian ? x.bigEndian : x.littleEndian) &+ b
        b = b &+ (bigEndian ? y.bigEndian : y.littleEndian) &+ a
        index += 8
      }
    }
  }

  private let path: String

  init(database: String) { path = database + "-wal" }

  /// Whether commits were lost in the middle. A log that is being written while it is read is not judged.
  var hasLostCommits: Bool {
    guard let file = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? file.close() }
    guard let head = read(file, 32), head.count == 32 else { return false }
    let found = lostCommits(head, file)
    guard found, (try? file.seek(toOffset: 0)) != nil else { return false }
    return read(file, 32) == head
  }

  private func read(_ file: FileHandle, _ count: Int) -> [UInt8]? {
    (try? file.read(upToCount: count)).flatMap { $0 }.map { Array($0) }
  }

  private func lostCommits(_ head: [UInt8], _ file: FileHandle) -> Bool {
    let magic = Self.word(head, 0)
    let pageSize = Int(Self.word(head, 8))
    guard (512...65_536).contains(pageSize), pageSize & (pageSize - 1) == 0 else {
      // Whether anything was in it cannot be said; an empty one has no page size worth reading.
      return (try? file.seekToEnd()).map { $0 > 32 } ?? false
    }
    let bigEndian = magic & 1 == 1
    var sum = Sum()
    head.withUnsafeBytes { sum.add(UnsafeRawBufferPointer(rebasing: $0[0..<24]), bigEndian: bigEndian) }
    let isSound = magic | 1 == 0x377F_0683 && sum == Sum(a: Self.word(head, 24), b: Self.word(head, 28))
    let salts = UInt64(Self.word(head, 16)) << 32 | UInt64(Self.word(head, 20))
    var isBroken = !isSound
    var commits = 0
    while let bytes = read(file, pageSize + 24), bytes.count == pageSize + 24 {
      let frame = Self.frame(bytes, bigEndian)
      if frame.salts != salts || !frame.fits(sum) { isBroken = true }
      // Frames of the log's former round have both salts different.
      let isOurs = frame.salts >> 32 == salts >> 32 || frame.salts & 0xFFFF_FFFF == salts & 0xFFFF_FFFF
      if isBroken, isOurs, frame.isCommit { commits += 1 }
      if commits > 1 || commits > 0 && !isSound { return true }
      sum = frame.sum
    }
    return false
  }

  private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func frame(_ bytes: [UInt8], _ bigEndian: Bool) -> Frame {
    let own = Sum(a: word(bytes, 16), b: word(bytes, 20))
    return Frame(
      salts: UInt64(word(bytes, 8)) << 32 | UInt64(word(bytes, 12)), sum: own, isCommit: word(bytes, 4) != 0
    ) { before in
      var sum = before
      bytes.withUnsafeBytes {
        sum.add(UnsafeRawBufferPointer(rebasing: $0[0..<8]), bigEndian: bigEndian)
        sum.add(UnsafeRawBufferPointer(rebasing: $0[24...]), bigEndian: bigEndian)
      }
      return sum == own
    }
  }
}
