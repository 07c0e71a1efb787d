import ArgumentParser
import AuthorizationServer
import Catalogue
import Dialects
import Foundation
import Gatekeeper
import HTTPTypes
import OAuth
import Storage
import StrictJSON
import Synchronization
import Vocabulary

struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What would happen to a request, and why. Changes nothing.",
    discussion: """
      doorward check --route 'GET /notes' --token - --data DIR      a token from standard input, at a route
      doorward check --request saved.http --data DIR                any request, as a browser's tools save it

      The server need not run. Issuer and configuration are those it was last started with.
      Exit code 0: it would be admitted or answered with success; 3: it would be refused.
      """)

  @OptionGroup var options: DataOptions
  @Option(help: "The configuration file, if not the one the server was started with.") var config: String?
  @Option(help: "The issuer, if not the one the server was started with.") var issuer: String?
  @Option(help: "Method and path, as a caller sends them: 'GET /notes'.") var route: String?
  @Option(help: "The host the request is for; needed only where APIs are told apart by host.") var host = ""
  @Option(help: "A file with the token; - for standard input.") var token: String?
  @Option(help: "A file with a whole HTTP request; - for standard input.") var request: String?
  @Option(help: "Judge as if it were then: 2026-03-02T10:14:03Z, or +1h, -5m.") var at: String?

  func run() async throws {
    let folder = try options.open()
    let profile = ServerProfile(folder)
    try setClock()
    let sink = KeptRecords()
    let node = try await node(folder, profile, sink)
    let trace = TraceID.random()
    let saved = try saved(node)
    let host = host.isEmpty ? defaultHost(node.issuer.url) : host
    let asked: IncomingRequest
    let outcome: Rehearsal.Outcome
    do throws(Refusal) {
      asked = try saved.incoming(defaultHost: host, trace: trace)
      outcome = await Rehearsal(gate: node.gate, trusted: profile?.trusted ?? ["loopback"]).run(asked)
    } catch {
      asked = saved.placed(defaultHost: host, trace: trace)
      outcome = .answer(node.issuer.refuse(error, asked, place: .api))
    }
    await node.issuer.journal.flush(examiner: Examiner(node.issuer))
    if let record = sink.records.withLock({ $0.last }) {
      print(options.json ? record.indented : TraceReport(record, asked: trace, verb: "WOULD REFUSE").text)
      throw ExitCode(3)
    }
    let told = await words(outcome, asked, node)
    print(options.json ? told.indented : text(told))
  }

  private func setClock() throws {
    guard let at else { return }
    if let first = at.first, first == "+" || first == "-", let by = Lifetime(parsing: at.dropFirst()) {
      return Clock.offset.store((first == "-" ? -1 : 1) * by.seconds * 1000, ordering: .relaxed)
    }
    let format = ISO8601DateFormatter()
    guard let date = format.date(from: at) else {
      throw Ending.usage("--at \(at): a moment as 2026-03-02T10:14:03Z, or a distance as +1h or -5m")
    }
    let target = Int64(date.timeIntervalSince1970 * 1000)
    Clock.offset.store(target - Clock.now.millisecondsSince1970, ordering: .relaxed)
  }

  private func node(_ folder: DataFolder, _ profile: ServerProfile?, _ sink: KeptRecords) async throws -> Node {
    let store = UnwritingStore(try await folder.database.openForReading())
    let url = issuer ?? profile?.issuer
    if config == nil, profile?.isDemo == true, let url {
      return try await Node.open(
        data: folder, url: url, apis: DemoAPIs.all(issuer: url, upstream: "http://127.0.0.1:0"), isTestMode: true,
        store: store, sink: sink)
    }
    let configuration = try (config ?? profile?.configuration).map { try loadConfiguration($0, issuer: url) }
    guard let url = url ?? configuration?.issuer else {
      throw Ending.usage("no server has run on \(folder.path) yet; name its --issuer and --config")
    }
    // Opening a node makes a key file where there is none; looking must not.
    guard FileManager.default.fileExists(atPath: folder.keyFile) else {
      throw Ending.unavailable("there is no key file \(folder.keyFile); name the folder of a server that has run")
    }
    return try await Node.open(
      data: folder, url: url, apis: configuration?.apis ?? [], isTestMode: false, store: store, sink: sink)
  }

  private func defaultHost(_ url: String) -> String {
    let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
    return String(rest.prefix { $0 != "/" })
  }

  private func saved(_ node: Node) throws -> SavedRequest {
    if let request {
      guard route == nil, token == nil else {
        throw Ending.usage("--request is a whole request: leave --route and --token out")
      }
      return try SavedRequest(parsing: Array(try Self.bytes(request)))
    }
    guard let route else { throw Ending.usage("name a --route 'GET /path', or a --request FILE") }
    let words = route.split(separator: " ")
    guard words.count == 2, words[1].hasPrefix("/") else {
      throw Ending.usage("--route \"\(route)\" should read as 'GET /notes'")
    }
    var headers = HTTPFields()
    if let token {
      let text = try Self.read(token).trimmingCharacters(in: .newlines)
      headers[.authorization] = credential(text, String(words[1]), node)
    }
    return SavedRequest(method: String(words[0]), target: String(words[1]), host: host, headers: headers)
  }

  /// As the API at that path wants it presented.
  private func credential(_ token: String, _ path: String, _ node: Node) -> String {
    guard let target = try? RequestTarget(path), let (api, _) = node.gate.mount(host: host, target),
      let scheme = api.contract.credential.schemes.first, !token.contains(" ")
    else { return token.contains(" ") ? token : "Bearer " + token }
    return scheme + " " + token
  }

  private static func read(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

  private static func bytes(_ path: String) throws -> Data {
    if path == "-" { return FileHandle.standardInput.readDataToEndOfFile() }
    guard let data = FileManager.default.contents(atPath: path) else {
      // It may be the token itself.
      throw Ending.refused(
        "there is no file \(Redaction.withoutSecrets(Excerpt(path).description)); a file's name is wanted, or - for standard input"
      )
    }
    return data
  }

  private func words(_ outcome: Rehearsal.Outcome, _ request: IncomingRequest, _ node: Node) async -> JSON {
    switch outcome {
    case .answer(let answer):
      return ["outcome": "answered", "status": .integer(Int64(answer.status))]
    case .admit(let admission):
      return [
        "outcome": "admitted", "api": .string(admission.api.id.value),
        "route": .string(admission.route.map { $0.methods.joined(separator: ",") + " " + $0.template } ?? "(document)"),
        "upstream": .string(admission.api.upstream),
        "headers": .object(
          admission.headers(issuer: node.issuer.url).filter { !$0.value.isEmpty }.map {
            .init($0.name, .string($0.value))
          }),
      ]
    }
  }

  private func text(_ told: JSON) -> String {
    guard told["outcome"]?.string == "admitted" else {
      return "WOULD ANSWER  \(told["status"]?.integer ?? 0)"
    }
    let lines = [
      "WOULD ADMIT  API \(told["api"]?.string ?? ""), route \(told["route"]?.string ?? "")",
      "FORWARD TO   \(told["upstream"]?.string ?? "")", "WITH",
    ]
    return (lines + (told["headers"]?.members ?? []).map { "  \($0.name): \($0.value.string ?? "")" })
      .joined(separator: "\n")
  }
}

/// Records that are printed and not kept.
final class KeptRecords: JournalSink {
  let records = Mutex<[JSON]>([])

  func write(_ rows: [JournalRow]) { records.withLock { $0 += rows.compactMap { try? JSON(parsing: $0.body) } } }

  var lost: Int { 0 }

  func recent(limit: Int, client: String?, grant: String?) throws(StoreFailure) -> [[UInt8]] { [] }

  func find(trace: String) throws(StoreFailure) -> [UInt8]? { nil }
}
