import AsyncHTTPClient
import AuthorizationServer
import Catalogue
import Dialects
import Foundation
import Gatekeeper
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import JOSE
import Logging
import NIOCore
import NIOSSL
import OAuth
import Pages
import ServiceLifecycle
import Storage
import Vocabulary

/// One server process, wired: store, keys, journal, gate, endpoints. Nothing but wiring.
struct Node {
  let data: DataFolder
  let issuer: Issuer
  let gate: Gate

  static func open(
    data: DataFolder, url: String, apis: [ProtectedAPI], frontPage: String = FrontPage.standard,
    isTestMode: Bool = false, style: PageStyle = .standard, log: EventLog? = nil
  ) async throws -> Node {
    let store = try await data.openStore { log?.note(LogEvent(.storeFailed, .warning, Clock.now, $0)) }
    return try await open(
      data: data, url: url, apis: apis, frontPage: frontPage, isTestMode: isTestMode, style: style,
      store: isTestMode ? FaultyStore(store) : store, sink: try data.openJournal(), log: log)
  }

  /// - Parameters:
  ///   - store: where everything is read from; a what-if hands in one that writes nothing.
  ///   - sink: where refusals are written.
  static func open(
    data: DataFolder, url: String, apis: [ProtectedAPI], frontPage: String = FrontPage.standard, isTestMode: Bool,
    style: PageStyle = .standard, store: any Store, sink: any JournalSink, log: EventLog? = nil
  ) async throws -> Node {
    let keyFile = try data.openKeyFile()
    let journal = Journal(sink: sink, log: log)
    let snapshot = Snapshot(keyFile: keyFile)
    // First, since it says whether the store's secrets are sealed under this key file; where there are none yet, which
    // file it shall be.
    let subjects = try await Self.subjects(store, keyFile)
    do {
      // Which history it is comes first: a failover while it is read would not be noticed otherwise.
      _ = try await snapshot.followHistory(store)
      try await snapshot.catchUp(store)
    } catch { throw Ending.unavailable(describe(error)) }
    guard let oauth = Contract.bundled("oauth") else {
      throw Ending.refused("the bundled contract oauth does not load")
    }
    // RS256 in any case: ID tokens are signed with it (OpenID Connect Core §15.1).
    let used = Set((apis.map(\.contract) + [oauth]).filter { $0.accessToken.form == .jwt }.map(\.accessToken.algorithm))
      .union(["RS256"])
    try await KeyLifecycle.ensure(
      used.sorted().compactMap(Algorithm.init(rawValue:)), snapshot: snapshot, store: store, keyFile: keyFile,
      now: Clock.now)
    let issuer = Issuer(
      url: url, store: store, snapshot: snapshot, journal: journal, apis: apis, contract: oauth,
      topics: CommandTopics.allTopics,
      version: doorwardVersion, frontPage: frontPage, formKey: keyFile.derive("forms"),
      subjects: subjects, directory: UpstreamResources(),
      isTestMode: isTestMode, style: style)
    return Node(data: data, issuer: issuer, gate: Gate(issuer: issuer))
  }

  private static func subjects(_ store: any Store, _ keyFile: KeyFile) async throws -> SubjectNaming {
    do { return try await SubjectSalt.ensure(store: store, keyFile: keyFile, now: Clock.now) } catch {
      throw Ending.unavailable(describe(error))
    }
  }

  /// Serves until SIGTERM or SIGINT; calls `ready` with the port once requests are answered.
  func run(
    host: String, port: Int, trusted: [String], certificate: String? = nil, privateKey: String? = nil,
    rotation: KeyRotationRule? = nil, besides services: [any Service] = [], log: EventLog? = nil,
    ready: @escaping @Sendable (Int) async -> Void
  ) async throws {
    var logger = Logger(label: "doorward")
    logger.logLevel = .error
    let gate = gate
    let issuer = issuer
    let trustedPeers = TrustedPeers(trusted)
    let http = HTTP1Channel.Configuration(
      additionalChannelHandlers: [FrontRow(gate: gate, trusted: trustedPeers)], idleTimeout: nil)
    var server: HTTPServerBuilder = .http1(configuration: http)
    if let certificate, let privateKey {
      server = try .tls(server, tlsConfiguration: Self.tls(certificate, privateKey))
    }
    // Last, since a client that is let go of without being shut down stops the process.
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.proxyConfiguration)
    let door = FrontDoor(
      issuer: issuer, gate: gate, proxy: ReverseProxy(gate: gate, client: client), trusted: trustedPeers)
    let application = Application(
      responder: door, server: server,
      configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: nil),
      services: [
        Upkeep(issuer: issuer, log: log),
        KeyRotationService(issuer: issuer, rule: rotation, log: log),
        LogoutService(delivery: LogoutDelivery(issuer: issuer, client: client), log: log),
      ]
        + services,
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? port
        log?.note(
          LogEvent(
            .started, .information, Clock.now, "serving \(issuer.url) on \(host):\(port)",
            [
              ("server.address", host), ("server.port", "\(port)"),
              ("doorward.mode", issuer.isTestMode ? "test" : "live"),
            ]))
        await ready(port)
        // Made soon, so that nobody waits for them who asks for the first page, and no request for their being made.
        Task(priority: .background) {
          try? await Task.sleep(for: .seconds(2))
          _ = issuer.topics
        }
      }, logger: logger)
    do { try await application.runService() } catch {
      try? await client.shutdown()
      let refusal = ConfigurationRefusal.listenFailed(Excerpt("\(host):\(port)"), Self.reason(error))
      throw Ending.unavailable(refusal.explanation.sentence + " Choose another with --listen.")
    }
    try? await client.shutdown()
    await issuer.journal.flush(examiner: Examiner(issuer))
    await issuer.store.close()
    log?.note(LogEvent(.stopped, .information, Clock.now, "stopped"))
  }

  private static func reason(_ error: any Error) -> Excerpt {
    guard let error = error as? IOError else { return Excerpt("\(error)") }
    switch error.errnoCode {
    case EADDRINUSE: return "another program uses it"
    case EACCES: return "this user may not; ports below 1024 need a privilege"
    case EADDRNOTAVAIL: return "this machine has no such address"
    case let code: return Excerpt(String(cString: strerror(code)))
    }
  }

  private static var proxyConfiguration: HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.timeout.connect = .seconds(5)
    configuration.decompression = .disabled
    // An API that is down is said to be down at once; whether to ask again is the caller's decision.
    configuration.connectionPool.retryConnectionEstablishment = false
    // The default of eight would let eight slow callers keep everybody else from an API.
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 4096
    return configuration
  }

  private static func tls(_ certificate: String, _ privateKey: String) throws -> TLSConfiguration {
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey
    do { chain = try NIOSSLCertificate.fromPEMFile(certificate) } catch {
      throw Ending.refused("\(certificate) cannot be read as a certificate chain in PEM: \(error)")
    }
    do { key = try NIOSSLPrivateKey(file: privateKey, format: .pem) } catch {
      throw Ending.refused("\(privateKey) cannot be read as a private key in PEM: \(error)")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    // RFC 8996: older versions are not to be used.
    configuration.minimumTLSVersion = .tlsv12
    do { _ = try NIOSSLContext(configuration: configuration) } catch {
      throw Ending.refused("\(privateKey) is not the key of the certificate \(certificate): \(error)")
    }
    return configuration
  }
}

/// Tells applications that people signed out, beside the requests.
struct LogoutService: Service {
  let delivery: LogoutDelivery
  let log: EventLog?

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await delivery.run { log?.note(LogEvent(.logoutFailed, .warning, Clock.now, $0)) }
    }
  }
}

/// A failure in words an operator can act on.
func describe(_ error: any Error) -> String {
  if let failure = error as? StoreFailure {
    switch failure {
    case .unavailable(let text), .readOnly(let text), .full(let text), .damaged(let text): return text
    }
  }
  if let refusal = error as? ConfigurationRefusal { return refusal.explanation.sentence }
  return "\(error)"
}
