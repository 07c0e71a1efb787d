import Foundation
import JOSE
import StrictJSON

/// The vectors that others wrote, read in place: they are not part of this project.
enum VectorFiles {
  /// `DOORWARD_VECTORS`, or the folder beside the package.
  static let folder: URL = {
    if let path = ProcessInfo.processInfo.environment["DOORWARD_VECTORS"] { return URL(fileURLWithPath: path) }
    return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/vectors")
  }()

  static let arePresent: Bool = {
    let present = FileManager.default.fileExists(atPath: folder.appendingPathComponent("wycheproof").path)
    if !present { print("*** SKIPPED: no test vectors at \(folder.path); set DOORWARD_VECTORS ***") }
    return present
  }()

  static func read(_ path: String) throws -> JSON {
    try JSON(parsing: [UInt8](Data(contentsOf: folder.appendingPathComponent(path))))
  }
}

/// How many vectors of a file ended in which way.
struct Tally: CustomStringConvertible {
  var accepted = 0
  var refused = 0
  var unsupported = 0

  var description: String { "\(accepted) accepted, \(refused) refused, \(unsupported) of unsupported algorithms" }
}

/// What became of one token.
enum Verdict: Equatable {
  case accepted
  case refused(JOSEFault)
  /// Well formed, but of an algorithm that is not ours (or encrypted), and refused for that.
  case unsupported

  init(token: String, keys: JSON) {
    do throws(JOSEFault) {
      let jws = try CompactJWS(parsing: token)
      guard let algorithm = jws.header.algorithm else {
        self = Self.ofForeignAlgorithm(jws)
        return
      }
      let key: JSONWebKey
      if keys["keys"] == nil {
        key = try JSONWebKey(json: keys)
      } else {
        guard let kid = jws.header.keyID, let found = try JSONWebKeySet(json: keys)[kid] else {
          throw .keyUnsupported("kid")
        }
        key = found
      }
      try jws.verify(with: key)
      self = algorithm == key.algorithm ? .accepted : .refused(.signatureInvalid)
    } catch .partCount(5) {
      self = .unsupported
    } catch {
      self = .refused(error)
    }
  }

  /// No key of ours may verify such a token, and every one must say why.
  private static func ofForeignAlgorithm(_ jws: CompactJWS) -> Verdict {
    for key in Samples.keys.values {
      do throws(JOSEFault) {
        try jws.verify(with: key.publicKey)
        return .accepted
      } catch {
        let expected = JOSEFault.algorithmNotAllowed(jws.header.algorithmName, expected: key.algorithm)
        guard error == expected else { return .refused(error) }
      }
    }
    return .unsupported
  }
}
