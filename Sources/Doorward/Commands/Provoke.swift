import ArgumentParser
import AuthorizationServer
import Catalogue
import Dialects
import Foundation
import OAuth
import SQLiteStorage
import StrictJSON
import Vocabulary

struct Provoke: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a refusal happen, against a running server in test mode.",
    discussion: """
      doorward provoke ACCESS_TOKEN_EXPIRED --contract kordiam --data DIR     request and response, as they went
      doorward provoke CODE_REJECTED --reason code_reused --data DIR          for one reason of the code
      doorward provoke --all --data DIR                                       every code in every contract that has it

      DIR is the running server's data folder. A client and a token are made in it for the purpose, and removed.
      Exit code 3: refused by the server for another reason than the one asked for, or a code that cannot be reached.
      """)

  @OptionGroup var options: DataOptions
  @Argument(help: "A CODE; a reason's name stands for its code and itself.") var code: String?
  @Option(help: "The contract in whose words; oauth, or the first that has the code.") var contract: String?
  @Option(help: "One of the code's reasons.") var reason: String?
  @Flag(help: "Every code, in every contract that has words for it.") var all = false

  func run() async throws {
    let recipes = try self.recipes()
    let folder = try options.open()
    guard let profile = ServerProfile(folder) else {
      throw Ending.refused("no server has run on \(folder.path) yet; name the folder of one in test mode with --data")
    }
    guard profile.isDemo else {
      throw Ending.refused(
        "the server of \(folder.path) is live: nothing is refused there on purpose. `doorward demo` runs one in test mode"
      )
    }
    let node = try await Node.open(
      data: folder, url: profile.issuer, apis: DemoAPIs.all(issuer: profile.issuer, upstream: "http://127.0.0.1:0"),
      isTestMode: true, store: try await folder.openStore(), sink: KeptRecords())
    let wanted = recipes.filter { $0.isPossible(node.issuer) && (contract == nil || $0.contract == contract) }
    let chosen = all ? wanted : Array(wanted.prefix(1))
    guard !chosen.isEmpty else {
      let contracts = Set(recipes.filter { $0.isPossible(node.issuer) }.map(\.contract)).sorted()
      throw Ending.refused(
        "contract \(contract ?? "") has no words for it; these have: \(contracts.joined(separator: ", "))")
    }
    let provoking = try await ProvokingClient.open(node)
    var results: [ProvokedAnswer] = []
    do {
      try await provoking.introduce()
      for recipe in chosen { results.append(try await provoking.run(recipe)) }
    } catch {
      await provoking.close()
      throw error
    }
    await provoking.close()
    try judge(&results, folder)
    show(results)
    if results.contains(where: { !$0.isReached }) { throw ExitCode(3) }
  }

  private func recipes() throws -> [ProvocationRecipe] {
    if all {
      guard code == nil, reason == nil else { throw Ending.usage("--all is every code: leave CODE and --reason out") }
      return Code.allCases.flatMap { ProvocationRecipe.all($0, reason: nil) }
    }
    guard let code else { throw Ending.usage("name a CODE, or --all") }
    let named = Reason(spelled: code)
    guard let found = Code(spelled: code) ?? named?.code else {
      let near = Spelling.nearest(to: code, among: Code.allCases.map(\.rawValue) + Reason.all.map(\.name))
      throw Ending.refused(
        "no code is known as \(code)\(near.map { "; perhaps \($0) is meant" } ?? ""). `doorward catalogue list` shows all"
      )
    }
    let asked = try reason.map { name in
      let reasons = Reason.all.filter { $0.code == found }.map(\.name)
      guard let reason = Reason(spelled: name), reason.code == found else {
        throw Ending.usage("--reason \(name): \(found.rawValue) has \(reasons.joined(separator: ", "))")
      }
      return reason
    }
    return ProvocationRecipe.all(found, reason: asked ?? (Code(spelled: code) == nil ? named : nil))
  }

  /// What the server wrote down decides whether the code was reached: the same words may be those of another.
  private func judge(_ results: inout [ProvokedAnswer], _ folder: DataFolder) throws {
    let journal = try folder.openJournal(readOnly: true)
    for index in results.indices {
      guard let trace = results[index].trace else { continue }
      var record: JSON?
      // Records are written behind the answers.
      for _ in 0..<20 where record == nil {
        do { record = try journal.find(trace: trace).flatMap { try? JSON(parsing: $0) } } catch {
          throw Ending.unavailable(describe(error))
        }
        if record == nil { Thread.sleep(forTimeInterval: 0.1) }
      }
      results[index].recorded = record?["code"]?.string
      results[index].isRecordedAsProvoked = record?["provoked"]?.bool ?? false
    }
  }

  private func show(_ results: [ProvokedAnswer]) {
    if options.json {
      return print(all ? JSON.array(results.map(\.json)).indented : results.first?.json.indented ?? "null")
    }
    guard all else { return print(results.first?.text ?? "") }
    func pad(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(1, width - text.utf8.count))
    }
    for result in results {
      print(
        pad(result.isReached ? "ok" : "NOT REACHED", 13) + pad(result.recipe.code.rawValue, 40)
          + pad(result.recipe.contract, 13) + pad(result.recipe.place.rawValue, 14)
          + (result.status.map { String($0) } ?? "-"))
    }
    let missing = results.count { !$0.isReached }
    print("\(results.count) provoked, \(missing) not reached")
  }
}
