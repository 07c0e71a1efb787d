import Foundation
import JOSE
import OAuth
import Storage
import Vocabulary

/// The key under which private keys are sealed at rest: 32 random bytes in a file that only its owner may read.
public struct KeyFile: Sendable {
  public let path: String
  private let key: [UInt8]

  public enum Fault: Error, Equatable, CustomStringConvertible {
    case unreadable(String)
    case tooOpen(String)
    case malformed(String)

    public var description: String {
      switch self {
      case .unreadable(let path): "\(path): the key file cannot be read or made"
      case .tooOpen(let path): "\(path): others may read the key file; run: chmod 600 \(path)"
      case .malformed(let path): "\(path): this is not a key file (64 hexadecimal digits); restore it from a backup"
      }
    }
  }

  /// Opens the key file, or makes one where there is none.
  public init(path: String) throws(Fault) {
    let descriptor = Foundation.open(path, O_CREAT | O_EXCL | O_WRONLY, 0o600)
    if descriptor >= 0 {
      var generator = SystemRandomNumberGenerator()
      let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
      let text = Digest(bytes: bytes)?.hexadecimal ?? ""
      let written = text.utf8.withContiguousStorageIfAvailable { write(descriptor, $0.baseAddress, $0.count) } ?? 0
      fsync(descriptor)
      Foundation.close(descriptor)
      guard written == 64 else { throw .unreadable(path) }
    }
    try self.init(existing: path)
  }

  /// Opens the key file; where there is none, none is made.
  public init(existing path: String) throws(Fault) {
    self.path = path
    var status = stat()
    guard stat(path, &status) == 0, let data = FileManager.default.contents(atPath: path) else {
      throw .unreadable(path)
    }
    guard status.st_mode & 0o077 == 0 else { throw .tooOpen(path) }
    let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    guard Digest(hexadecimal: text) != nil else { throw .malformed(path) }
    key = stride(from: 0, to: 64, by: 2).map { index in
      let start = text.index(text.startIndex, offsetBy: index)
      return UInt8(text[start..<text.index(start, offsetBy: 2)], radix: 16) ?? 0
    }
  }

  /// A value that only the holder of this file can compute: demo secrets, journal fingerprints.
  public func derive(_ purpose: String) -> [UInt8] { HMACSHA256.authenticate(Array(purpose.utf8), key: key) }

  func seal(_ key: SigningKey, id: KeyID) throws(JOSEFault) -> [UInt8] {
    try Sealing.seal(key.rawRepresentation, key: self.key, context: Array("signing-key:\(id)".utf8))
  }

  func seal(salt: [UInt8]) throws(JOSEFault) -> [UInt8] {
    try Sealing.seal(salt, key: key, context: Self.saltContext)
  }

  func open(_ record: SubjectSaltRecord) throws(StoreFailure) -> [UInt8] {
    guard let salt = try? Sealing.open(record.sealed, key: key, context: Self.saltContext) else {
      throw .damaged(
        "the database's secrets were sealed under another key file than \(path); \(Self.whatToDo)")
    }
    return salt
  }

  private static let whatToDo =
    "copy the key file of the node that made them here, name it with --key-file, or restore the key file's backup"

  private static let saltContext = Array("subject-salt".utf8)

  func open(_ record: SigningKeyRecord) throws(StoreFailure) -> SigningKey {
    guard let algorithm = Algorithm(rawValue: record.algorithm.description),
      let raw = try? Sealing.open(record.sealed, key: key, context: Array("signing-key:\(record.id)".utf8)),
      let signing = try? SigningKey(algorithm: algorithm, rawRepresentation: raw)
    else {
      throw .damaged("signing key \(record.id) was sealed under another key file than \(path); \(Self.whatToDo)")
    }
    return signing
  }
}
