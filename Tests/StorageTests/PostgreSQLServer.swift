#if PostgreSQL
import Foundation
import PostgreSQLStorage
import Synchronization

/// A throw-away PostgreSQL (`Tests/postgresql-server.sh`). It ends with this process, however that ends, since it lives
/// as long as its standard input is open.
final class PostgreSQLServer: Sendable {
  struct Absent: Error {}

  let url: String
  private let pipes: Mutex<(input: FileHandle, output: FileHandle)>
  private let names = Mutex(0)

  /// The one that all tests share which do it no harm.
  static let shared: PostgreSQLServer? = {
    do { return try PostgreSQLServer() } catch {
      FileHandle.standardError.write(
        Data("*** SKIPPED: the tests of the PostgreSQL engine; apt-get install postgresql (\(error))\n".utf8))
      return nil
    }
  }()

  init() throws {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("postgresql-server.sh")
    let port = try Self.freePort()
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // PostgreSQL refuses to run as root; and its user may not be able to read where the tests are.
    process.arguments =
      (geteuid() == 0 ? ["runuser", "-u", "postgres", "--"] : [])
      + [
        "sh", "-c", try String(contentsOf: script, encoding: .utf8), "postgresql-server", "\(port)", "fsync=off",
        "max_connections=300",
      ]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    pipes = Mutex((input.fileHandleForWriting, output.fileHandleForReading))
    url = "postgresql://postgres@127.0.0.1:\(port)/postgres"
    guard try answer().hasPrefix("ready") else { throw Absent() }
  }

  deinit { pipes.withLock { try? $0.input.close() } }

  /// `stop`, `start`, `kill`, `freeze`, `thaw`.
  func order(_ command: String) throws {
    try pipes.withLock { try $0.input.write(contentsOf: Data("\(command)\n".utf8)) }
    guard try answer() == "done\n" else { throw Absent() }
  }

  private func answer() throws -> String {
    try pipes.withLock { pipes in
      var line = Data()
      while line.last != 10, let more = try pipes.output.read(upToCount: 1), !more.isEmpty { line += more }
      return String(decoding: line, as: UTF8.self)
    }
  }

  var address: DatabaseAddress { get throws { try DatabaseAddress(url) } }

  /// A schema nobody has used yet.
  func schema() -> String {
    names.withLock { names in
      names += 1
      return "test_\(names)"
    }
  }

  private static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isBound else { throw Absent() }
    return UInt16(bigEndian: address.sin_port)
  }
}
#endif
