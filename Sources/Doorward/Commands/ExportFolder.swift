import Foundation

/// A folder that an export writes. Readers see the whole of the old one or the whole of the new one.
struct ExportFolder {
  let path: String
  /// Marks a folder as an export's own: it may be replaced.
  private static let mark = ".doorward-export"

  private var files: FileManager { .default }

  /// Replaces an earlier export. A folder with anything else in it is refused, or with `force` written into, file by file.
  func replace(_ list: [(path: String, bytes: [UInt8])], force: Bool) throws {
    var isFolder: ObjCBool = false
    let exists = files.fileExists(atPath: path, isDirectory: &isFolder)
    guard !exists || isFolder.boolValue else { throw Ending.refused("\(path) is a file") }
    let content = exists ? try reading { try files.contentsOfDirectory(atPath: path) } : []
    let isOurs = content.isEmpty || content.contains(Self.mark)
    guard isOurs || force else {
      throw Ending.refused("\(path) holds other files; name an empty folder, or write among them with --force")
    }
    guard isOurs else { return try add(list) }
    try reading {
      let final = URL(fileURLWithPath: path).standardizedFileURL
      let parent = final.deletingLastPathComponent()
      try files.createDirectory(at: parent, withIntermediateDirectories: true)
      let fresh = parent.appending(path: ".\(final.lastPathComponent).\(UUID().uuidString)")
      let former = parent.appending(path: ".\(final.lastPathComponent).\(UUID().uuidString)")
      do {
        try ExportFolder(path: fresh.path).write(list + [(Self.mark, [])])
        if exists { try files.moveItem(at: final, to: former) }
        do { try files.moveItem(at: fresh, to: final) } catch {
          if exists { try files.moveItem(at: former, to: final) }
          throw error
        }
      } catch {
        try? files.removeItem(at: fresh)
        throw error
      }
      if exists { try? files.removeItem(at: former) }
    }
  }

  /// Writes files among others.
  func add(_ list: [(path: String, bytes: [UInt8])]) throws { try reading { try write(list) } }

  private func write(_ list: [(path: String, bytes: [UInt8])]) throws {
    let folder = URL(fileURLWithPath: path)
    for (name, bytes) in list {
      let file = folder.appending(path: name)
      try files.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: file, options: .atomic)
    }
  }

  private func reading<Value>(_ work: () throws -> Value) throws -> Value {
    do { return try work() } catch let ending as Ending { throw ending } catch {
      throw Ending.unavailable("\(path) cannot be written: \(error.localizedDescription)")
    }
  }
}
