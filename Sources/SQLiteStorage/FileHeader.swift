import Foundation

/// The first hundred bytes of a database file. Checking a whole file takes long; a header that does not fit its
/// file is reason enough to, and costs one read to see.
struct FileHeader {
  private let bytes: [UInt8]
  let fileSize: UInt64

  /// `nil` when there is no such file, or an empty one: a database yet to be made.
  init?(path: String) {
    guard let file = FileHandle(forReadingAtPath: path), let head = try? file.read(upToCount: 100),
      let size = try? file.seekToEnd()
    else { return nil }
    bytes = Array(head)
    fileSize = size
    try? file.close()
  }

  /// The number given to the file when it was made; 0 in one that has it in its log only, or is older.
  var identity: UInt32 { bytes.count == 100 ? bytes[60..<64].reduce(0) { $0 << 8 | UInt32($1) } : 0 }

  /// A crash in the middle of a checkpoint may leave it so as well, and is mended by SQLite: look, do not refuse.
  var looksOff: Bool {
    guard bytes.count == 100 else { return true }
    let raw = UInt64(bytes[16]) << 8 | UInt64(bytes[17])
    let pageSize = raw == 1 ? 65_536 : raw
    let pages = bytes[28..<32].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return pageSize == 0 || fileSize % pageSize != 0 || fileSize < pages * pageSize
  }
}
