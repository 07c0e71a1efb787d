import Foundation

/// A folder or file that appears under its name when all of it is on the disk, and not before: not when the process is
/// killed, not when the disk is full, not when the power fails.
enum FolderInPlace {
  /// Syncs what is in a folder, then gives it its name; a folder that is there already has to be moved away first.
  static func publish(_ made: String, as path: String) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: made) { try sync(made + "/" + name) }
    try sync(made)
    guard rename(made, path) == 0 else { throw failure(path) }
    try sync(parent(path))
  }

  /// Waits until a file, or a folder's list of names, is on the disk.
  static func sync(_ path: String) throws {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure(path) }
  }

  /// Copies a file for this user alone, and waits until it is on the disk.
  static func copy(_ from: String, to path: String) throws {
    do {
      try FileManager.default.copyItem(atPath: from, toPath: path)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    } catch {
      try? FileManager.default.removeItem(atPath: path)
      throw Ending.unavailable("\(from) cannot be copied to \(path): \(reason(error))")
    }
    try sync(path)
  }

  static func write(_ bytes: [UInt8], to path: String) throws {
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    } catch { throw Ending.unavailable("\(path) cannot be written: \(reason(error))") }
  }

  static func parent(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.deletingLastPathComponent().path
  }

  private static func failure(_ path: String) -> Ending {
    Ending.unavailable("\(path): \(String(cString: strerror(errno)))")
  }

  private static func reason(_ error: any Error) -> String {
    let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
    guard cause.domain == NSPOSIXErrorDomain else { return error.localizedDescription }
    return String(cString: strerror(Int32(truncatingIfNeeded: cause.code)))
  }
}
