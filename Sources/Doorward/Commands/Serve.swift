public import ArgumentParser
import AuthorizationServer
import Catalogue
import Foundation
import Vocabulary

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the server.",
    discussion:
      "Without a configuration file it serves the issuer alone, on SQLite in the data folder. Options beat the file.")

  @Option(help: "The configuration file (YAML); see docs/configuration.md.")
  var config: String?

  @Option(help: "Where to listen: HOST:PORT.")
  var listen: String?

  @Option(help: "The issuer identifier: the URL under which clients reach this server.")
  var issuer: String?

  @Option(help: "The data folder.")
  var data: String?

  @Option(help: "The database, if it is not in the data folder: sqlite:PATH or postgresql://USER@HOST:PORT/DATABASE.")
  var database: String?

  @Option(help: "The key file, if it is not in the data folder; every node on one database has the same.")
  var keyFile: String?

  @Option(help: "How events are written on standard error: text or json.") var log = EventLog.Form.text

  func run() async throws {
    let configuration = try config.map { try loadConfiguration($0, issuer: issuer) } ?? Configuration()
    let address = try Address(listen ?? configuration.listen ?? "127.0.0.1:8080")
    let url = issuer ?? configuration.issuer ?? "http://\(address.text)"
    let folder = try DataFolder(
      path: data ?? configuration.data ?? "./doorward-data",
      database: database ?? ProcessInfo.processInfo.environment[DatabaseLocation.variable] ?? configuration.database,
      keyFile: keyFile, create: true, isServer: true)
    let events = EventLog(log, version: doorwardVersion)
    let node = try await Node.open(
      data: folder, url: url, apis: configuration.apis, style: configuration.style, log: events)
    for warning in configuration.warnings {
      FileHandle.standardError.write(Data("doorward: \(warning)\n".utf8))
    }
    ServerProfile(
      issuer: url, configuration: config, isDemo: false, trusted: configuration.trustedProxies,
      database: folder.isElsewhere ? folder.database.reference : nil, keyFile: folder.sharedKeyFile,
      rotation: .known(configuration.keyRotation)
    ).write(folder)
    try await node.run(
      host: address.host, port: address.port, trusted: configuration.trustedProxies,
      certificate: configuration.certificate, privateKey: configuration.privateKey, rotation: configuration.keyRotation,
      log: events
    ) { port in
      print(
        "Doorward serves \(url) on \(address.shown(port)), data in \(folder.path)\(folder.isElsewhere ? " and \(folder.database.description)" : "")"
      )
      fflush(nil)
    }
  }
}

/// Reads a configuration file, or ends the command with the sentence that names file and line.
func loadConfiguration(_ path: String, issuer: String? = nil) throws -> Configuration {
  guard let data = FileManager.default.contents(atPath: path) else {
    throw Ending.refused(
      ConfigurationRefusal.unreadable(SourceLocation(file: path, line: 0), "no such file").explanation.sentence)
  }
  let folder = (path as NSString).deletingLastPathComponent
  do throws(ConfigurationRefusal) {
    return try Configuration.load(yaml: String(decoding: data, as: UTF8.self), file: path, issuer: issuer) { name in
      let full = name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
      return FileManager.default.contents(atPath: full).map { [UInt8]($0) }
    }
  } catch { throw Ending.refused(error.explanation.sentence) }
}

/// `HOST:PORT`; an IPv6 address stands in brackets (RFC 3986 §3.2.2), and may do without.
struct Address {
  let host: String
  let port: Int

  init(_ text: String) throws {
    let fault = Ending.usage("\"\(text)\" is not HOST:PORT, as 127.0.0.1:8080 or [::1]:8080")
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (0...65_535).contains(port), colon > text.startIndex
    else { throw fault }
    let host = text[..<colon]
    self.port = port
    guard host.hasPrefix("[") || host.hasSuffix("]") else {
      self.host = String(host)
      return
    }
    guard host.hasPrefix("["), host.hasSuffix("]"), host.contains(":") else { throw fault }
    self.host = String(host.dropFirst().dropLast())
  }

  var text: String { shown(port) }

  /// With the port that was given where 0 was asked for.
  func shown(_ port: Int) -> String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension EventLog.Form: ExpressibleByArgument {}
