import AuthorizationServer
import Foundation
import JOSE
import SQLiteStorage
import Storage
import StrictJSON
import Vocabulary

/// A folder that holds all that is needed to begin again: the store, the key file, what the server was started with. Its
/// files have the names they have in a data folder, so that a plain copy of them is one.
struct BackupFolder {
  let path: String

  static let store = "doorward.sqlite"
  static let key = "key"
  static let profile = "server.json"
  static let journal = "journal.sqlite"
  /// What the backup says of itself; last to be written.
  static let manifest = "backup.json"

  static let names = [store, key, profile, journal]

  func file(_ name: String) -> String { path + "/" + name }

  /// What stands in the manifest.
  struct Contents: Equatable {
    let made: String
    let version: String
    let schema: Int
    let counts: [String: Int]
    let digest: String
    /// Name, length in bytes, SHA-256.
    let files: [File]

    struct File: Equatable {
      let name: String
      let bytes: Int64
      let digest: String
    }

    var bytes: Int64 { files.reduce(0) { $0 + $1.bytes } }
    func count(_ kind: RecordKind) -> Int { counts[kind.rawValue] ?? 0 }

    var json: JSON {
      [
        "format": 1, "made": .string(made), "doorward": .string(version), "schema": .integer(Int64(schema)),
        "records": .object(counts.sorted { $0.key < $1.key }.map { .init($0.key, .integer(Int64($0.value))) }),
        "digest": .string(digest),
        "files": .array(
          files.map { ["name": .string($0.name), "bytes": .integer($0.bytes), "sha256": .string($0.digest)] }),
      ]
    }

    init(made: String, version: String, schema: Int, counts: [String: Int], digest: String, files: [File]) {
      self.made = made
      self.version = version
      self.schema = schema
      self.counts = counts
      self.digest = digest
      self.files = files
    }

    init?(json: JSON) {
      guard json["format"]?.integer == 1, let made = json["made"]?.string, let version = json["doorward"]?.string,
        let schema = json["schema"]?.integer, let records = json["records"]?.members,
        let digest = json["digest"]?.string, let files = json["files"]?.array
      else { return nil }
      let list = files.compactMap { file -> File? in
        guard let name = file["name"]?.string, let bytes = file["bytes"]?.integer, let digest = file["sha256"]?.string
        else { return nil }
        return File(name: name, bytes: bytes, digest: digest)
      }
      guard list.count == files.count else { return nil }
      let counts = Dictionary(
        records.compactMap { member in member.value.integer.map { (member.name, Int($0)) } }, uniquingKeysWith: +)
      self.init(made: made, version: version, schema: Int(schema), counts: counts, digest: digest, files: list)
    }
  }

  /// What is in the folder, looked at file by file and record by record, and what it makes of it.
  func examine(made: String, version: String) async throws(StoreFailure) -> Contents {
    let names = Self.names.filter { FileManager.default.fileExists(atPath: file($0)) }
    let source = try SQLiteFile(path: file(Self.store), .reading)
    let schema = try source.schema()
    guard schema.isUsable else { throw schema.refusal(of: file(Self.store)) }
    var digest = StoreDigest()
    try source.lookThrough { record in
      try record.demandReadable()
      digest.add(record)
    }
    let counts = try await source.census().counts
    let sealed = [RecordKind.signingKey, .subjectSalt].contains { counts[$0.rawValue] ?? 0 > 0 }
    // Where no server has run yet there is neither.
    if sealed, schema.version > 1 {
      let keyFile: KeyFile
      do { keyFile = try KeyFile(existing: file(Self.key)) } catch { throw .damaged("\(error)") }
      try await keyFile.demandFits(source)
    }
    await source.close()
    var files: [Contents.File] = []
    for name in names { files.append(try measure(name)) }
    return Contents(
      made: made, version: version, schema: schema.version, counts: counts, digest: digest.hexadecimal, files: files)
  }

  /// Only of files that no connection of this process has open: closing one gives up SQLite's locks on it.
  private func measure(_ name: String) throws(StoreFailure) -> Contents.File {
    do {
      let data = try Data(contentsOf: URL(fileURLWithPath: file(name)), options: .alwaysMapped)
      let sum = SHA256Hash.digest(of: data).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      return Contents.File(name: name, bytes: Int64(data.count), digest: sum)
    } catch { throw .unavailable("\(file(name)) cannot be read") }
  }

  /// Reads all of it and compares it with what it says of itself.
  func check() async throws -> Contents {
    guard let data = FileManager.default.contents(atPath: file(Self.manifest)) else {
      throw Ending.refused(
        "\(path) is no finished backup: it has no \(Self.manifest); `doorward backup` makes one")
    }
    guard let json = try? JSON(parsing: Array(data)), let said = Contents(json: json) else {
      throw Ending.refused("\(file(Self.manifest)) cannot be read; use another backup")
    }
    for wanted in said.files {
      let found: Contents.File?
      do { found = try measure(wanted.name) } catch { found = nil }
      guard found == wanted else {
        throw Ending.refused("\(file(wanted.name)) is not what was backed up; use another backup")
      }
    }
    let found: Contents
    do throws(StoreFailure) { found = try await examine(made: said.made, version: said.version) } catch {
      throw Ending.refused(describe(error))
    }
    guard found == said else { throw Ending.refused("\(path) is not what was backed up; use another backup") }
    return found
  }
}
