import ArgumentParser
import AuthorizationServer
import Dialects
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import OAuth
import ServiceLifecycle
import Storage
import StrictJSON
import Synchronization
import Vocabulary

struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run everything in one process: server, gate, sample APIs, in test mode, on SQLite.")

  @Option(help: "Where to listen: HOST:PORT.") var listen = "127.0.0.1:8080"
  @Option(help: "The data folder; used again, it keeps keys, clients and tokens.") var data = "./doorward-data/demo"
  @Option(help: "Write a JSON file with clients and tokens once requests are answered.") var manifest: String?

  @Option(help: "How events are written on standard error: text or json.") var log = EventLog.Form.text

  func run() async throws {
    let address = try Address(listen)
    let url = "http://\(address.text)"
    let folder = try DataFolder(path: data, create: true)
    let samplePort = PortPromise()
    let sample = sampleServer(url, samplePort)
    let group = ServiceGroup(services: [sample], logger: Self.quiet)
    let running = Task { try await group.run() }
    let port = await samplePort.value
    let appPort = PortPromise()
    let apis = DemoAPIs.all(issuer: url, upstream: "http://127.0.0.1:\(port)")
    guard apis.count == 7 else { throw Ending.refused("a bundled contract does not load; run doorward catalogue lint") }
    let now = Clock.now
    let seed = DemoSeed(keyFile: try folder.openKeyFile())
    let clients = seed.clients(now: now)
    let application = application(url, clients, appPort)
    let applicationGroup = ServiceGroup(services: [application], logger: Self.quiet)
    let applicationRunning = Task { try await applicationGroup.run() }
    let app = "http://127.0.0.1:\(await appPort.value)"
    let tour = DemoTour(url: url, folder: folder.path, application: app)
    let events = EventLog(log, version: doorwardVersion)
    let node = try await Node.open(
      data: folder, url: url, apis: apis, frontPage: tour.page, isTestMode: true, log: events)
    ServerProfile(issuer: url, configuration: nil, isDemo: true, trusted: ["loopback"], rotation: .never).write(folder)
    try await seed.store(clients, in: node, now: now)
    let text = try await DemoManifest(node: node, seed: seed, clients: clients, now: now, app: app).json()
    let path = manifest
    do {
      try await node.run(host: address.host, port: address.port, trusted: ["loopback"], log: events) { _ in
        if let path {
          let temporary = path + ".part"
          let isWritten = FileManager.default.createFile(
            atPath: temporary, contents: Data(text.indented.utf8), attributes: [.posixPermissions: 0o600])
          if !isWritten || rename(temporary, path) != 0 { print("The manifest \(path) cannot be written.") }
        }
        print(tour.terminal(text))
        fflush(nil)
      }
    } catch {
      await group.triggerGracefulShutdown()
      await applicationGroup.triggerGracefulShutdown()
      throw error
    }
    await group.triggerGracefulShutdown()
    await applicationGroup.triggerGracefulShutdown()
    _ = try? await running.value
    _ = try? await applicationRunning.value
  }

  static var quiet: Logger {
    var logger = Logger(label: "doorward.samples")
    logger.logLevel = .error
    return logger
  }

  private func application(
    _ url: String, _ clients: [DemoSeed.Seeded], _ port: PortPromise
  ) -> some Service {
    let own = clients.first { $0.name == "drive-log" }?.created
    return Application(
      responder: DriveLog(issuer: url, client: own?.client.id ?? ClientID(""), secret: own?.secret ?? Secret("")),
      configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0), serverName: nil),
      onServerRunning: { channel in port.fulfil(channel.localAddress?.port ?? 0) }, logger: Self.quiet)
  }

  private func sampleServer(_ url: String, _ port: PortPromise) -> some Service {
    Application(
      responder: SampleAPIs(issuer: url),
      configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0), serverName: nil),
      onServerRunning: { channel in port.fulfil(channel.localAddress?.port ?? 0) }, logger: Self.quiet)
  }
}

/// A port that becomes known once a server listens.
final class PortPromise: Sendable {
  private let stream: AsyncStream<Int>
  private let continuation: AsyncStream<Int>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  func fulfil(_ port: Int) {
    continuation.yield(port)
    continuation.finish()
  }

  var value: Int {
    get async {
      for await port in stream { return port }
      return 0
    }
  }
}
