import AuthorizationServer
import Foundation
import StrictJSON
import Vocabulary

/// What a server was started with, left in its data folder, so that a command beside it judges by the same issuer and
/// the same configuration without being told again.
struct ServerProfile {
  let issuer: String
  /// The configuration file's full path.
  let configuration: String?
  let isDemo: Bool
  let trusted: [String]
  /// Where the store is, without a password; and the key file, by its full path.
  let database: String?
  let keyFile: String?
  /// When its keys rotate; `nil` where a server of an older version did not say.
  let rotation: Rotation?

  enum Rotation {
    case never
    case by(KeyRotationRule)

    static func known(_ rule: KeyRotationRule?) -> Rotation { rule.map { .by($0) } ?? .never }

    init?(_ json: JSON?) {
      if json?["rotate_after"]?.string == "never" {
        self = .never
        return
      }
      guard let after = json?["rotate_after"]?.integer.flatMap({ Lifetime(seconds: $0) }),
        let before = json?["publish_before"]?.integer.flatMap({ Lifetime(seconds: $0) }),
        let rule = KeyRotationRule(rotateAfter: after, publishBefore: before)
      else { return nil }
      self = .by(rule)
    }

    var json: JSON {
      switch self {
      case .never: ["rotate_after": "never"]
      case .by(let rule):
        ["rotate_after": .integer(rule.rotateAfter.seconds), "publish_before": .integer(rule.publishBefore.seconds)]
      }
    }
  }

  private static func path(_ folder: String) -> String { folder + "/server.json" }

  init(
    issuer: String, configuration: String?, isDemo: Bool, trusted: [String], database: String? = nil,
    keyFile: String? = nil, rotation: Rotation? = nil
  ) {
    self.rotation = rotation
    self.database = database
    self.keyFile = keyFile.map(Self.full)
    self.issuer = issuer
    self.configuration = configuration.map(Self.full)
    self.isDemo = isDemo
    self.trusted = trusted
  }

  /// `nil` where no server has run yet.
  init?(_ folder: DataFolder) { self.init(folder.path) }

  init?(_ folder: String) {
    guard let data = FileManager.default.contents(atPath: Self.path(folder)),
      let json = try? JSON(parsing: Array(data)),
      let issuer = json["issuer"]?.string
    else { return nil }
    self.init(
      issuer: issuer, configuration: json["configuration"]?.string, isDemo: json["demo"]?.bool ?? false,
      trusted: (json["trusted_proxies"]?.array ?? []).compactMap(\.string), database: json["database"]?.string,
      keyFile: json["key_file"]?.string, rotation: Rotation(json["keys"]))
  }

  private static func full(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }

  /// A folder that cannot be written stops the server elsewhere, with better words.
  func write(_ folder: DataFolder) { write(to: Self.path(folder.path)) }

  func write(to path: String) {
    let json: JSON = [
      "issuer": .string(issuer), "configuration": configuration.map { .string($0) } ?? .null, "demo": .bool(isDemo),
      "trusted_proxies": .array(trusted.map { .string($0) }),
      "database": database.map { .string($0) } ?? .null, "key_file": keyFile.map { .string($0) } ?? .null,
      "keys": rotation?.json ?? .null,
    ]
    try? Data(json.bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
  }
}
