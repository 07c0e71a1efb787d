import ArgumentParser
import Foundation
import SQLiteStorage
import Storage
import StrictJSON
import Synchronization
import Vocabulary

struct MigrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Bring a store to this version's schema, or copy everything in it into another database.",
    discussion: """
      A server migrates its store by itself when it starts. With --check nothing is changed. With --from and --to every \
      record is copied as it is and compared; the target must be empty, and no server may use either.
      """)

  @OptionGroup var options: DataOptions
  @Flag(help: "Say what would be done, and do nothing.") var check = false
  @Option(help: "Copy from there: sqlite:PATH or postgresql://….") var from: String?
  @Option(help: "Copy to there: sqlite:PATH or postgresql://….") var to: String?
  @Flag(help: "Go on with a copy that was cut off: the target holds a part of the same source.") var resume = false

  func run() async throws {
    switch (from, to) {
    case (nil, nil):
      if resume { throw Ending.usage("--resume goes with --from and --to") }
      try await check ? report() : apply()
    case (let from?, let to?): try await copy(from: DatabaseLocation(from), to: DatabaseLocation(to))
    default: throw Ending.usage("--from and --to go together: doorward migrate --from sqlite:PATH --to postgresql://…")
    }
  }

  /// How the store stands, without touching it.
  private func state(_ database: DatabaseLocation) async throws -> (SchemaState, StoreCensus?) {
    if case .sqlite(let path) = database {
      guard FileManager.default.fileExists(atPath: path) else {
        throw Ending.unavailable("there is no database at \(path); name the server's folder with --data")
      }
      let file = try SQLiteFile(path: path, .shared)
      let state = try file.schema()
      let census = state.version > 0 ? try await file.census() : nil
      await file.close()
      return (state, census)
    }
    let state = try database.schemaElsewhere()
    // Opening it takes the steps: what is in it is counted only where there is none to take.
    guard state.version > 0, state.pending.isEmpty, state.isUsable else { return (state, nil) }
    let store = try await database.open(isNew: false, isAwaited: nil)
    let census = try? await (store as? any StoreExport)?.census()
    await store.close()
    return (state, census)
  }

  private func report() async throws {
    let database = try options.open().database
    let state: SchemaState
    let census: StoreCensus?
    do { (state, census) = try await self.state(database) } catch let failure as StoreFailure {
      throw Ending.unavailable(Doorward.describe(failure))
    }
    let records = census?.total
    if options.json {
      print(Self.json(state, records, database.description).indented)
    } else {
      for line in Self.words(state, records, database.description) { print(line) }
    }
    if !state.isUsable { throw Ending.refused(Doorward.describe(state.refusal(of: database.description))) }
  }

  private static func json(_ state: SchemaState, _ records: Int?, _ place: String) -> JSON {
    let steps = state.pending.map { step -> JSON in
      ["to": .integer(Int64(step.version)), "effect": .string(step.effect)]
    }
    return [
      "database": .string(place), "schema": .integer(Int64(state.version)),
      "minimum_reader": .integer(Int64(state.minimumReader)), "known": .integer(Int64(state.known)),
      "usable": .bool(state.isUsable), "records": records.map { .integer(Int64($0)) } ?? .null,
      "older_versions_keep_working": .bool(state.olderProgramsKeepWorking), "steps": .array(steps),
    ]
  }

  private static func words(_ state: SchemaState, _ records: Int?, _ place: String) -> [String] {
    var lines = [
      "\(place): schema \(state.version)" + (records.map { ", \($0) records." } ?? "."),
      "This doorward (\(doorwardVersion)) knows schema \(state.known).",
    ]
    for step in state.pending { lines.append("To schema \(step.version): \(step.effect)") }
    if !state.isUsable { return lines }
    if state.version > state.known {
      lines.append("It is newer, and can be used by this version as it is.")
    } else if state.pending.isEmpty {
      lines.append("There is nothing to do.")
    } else if state.olderProgramsKeepWorking {
      lines.append("Servers of the version before keep working beside it.")
    } else {
      lines.append("Servers of the version before cannot use it afterwards: stop them, make a backup, then migrate.")
    }
    return lines
  }

  private func apply() async throws {
    let database = try options.open().database
    let before = try? await state(database).0.version
    let store = try await database.open(isNew: false, isAwaited: nil)
    let after = try? await (store as? any SchemaReporting)?.schema()
    await store.close()
    if options.json {
      return print(
        JSON.object([
          .init("database", .string(database.description)),
          .init("from", before.map { .integer(Int64($0)) } ?? .null),
          .init("schema", after.map { .integer(Int64($0.version)) } ?? .null),
        ]).indented)
    }
    guard let after else { return print("\(database.description) is at this version's schema.") }
    print(
      before == after.version
        ? "\(database.description) is at schema \(after.version); there was nothing to do."
        : "\(database.description) was migrated from schema \(before ?? 0) to \(after.version).")
  }

  private func copy(from: DatabaseLocation, to: DatabaseLocation) async throws {
    guard from.description != to.description else { throw Ending.usage("--from and --to are the same database") }
    umask(0o077)
    let source: any StoreExport
    let census: StoreCensus
    do {
      source = try await openSource(from)
      census = try await source.census()
    } catch let failure as StoreFailure { throw Ending.unavailable(Doorward.describe(failure)) }
    if check {
      await source.close()
      print("\(census.total) records would be copied from \(from.description) to \(to.description):")
      for (kind, count) in census.counts.sorted(by: { $0.key < $1.key }) { print("  \(kind): \(count)") }
      return
    }
    guard let target = try await to.open(isNew: true, isAwaited: nil) as? any StoreImport else {
      await source.close()
      throw Ending.usage("nothing can be copied into \(to.description) yet; use sqlite:PATH")
    }
    let told = Mutex(ContinuousClock.now)
    let result: Result<StoreCopy.Report, StoreCopy.Fault>
    do throws(StoreCopy.Fault) {
      result = .success(
        try await StoreCopy(from: source, to: target).run(continuing: resume) { done, total in
          let isTime = told.withLock { last in
            guard done == total || ContinuousClock.now - last > .seconds(1) else { return false }
            last = .now
            return true
          }
          if isTime { FileHandle.standardError.write(Data("copied \(done) of \(total)\n".utf8)) }
        })
    } catch { result = .failure(error) }
    await target.close()
    await source.close()
    switch result {
    case .failure(let fault): throw Self.ending(fault, from, to)
    case .success(let report): show(report, from, to)
    }
  }

  /// A SQLite file is held, so that nobody writes to it meanwhile; elsewhere the copy notices when somebody did.
  private func openSource(_ location: DatabaseLocation) async throws -> any StoreExport {
    if case .sqlite(let path) = location {
      let file = try SQLiteFile(path: path, .alone)
      let schema = try file.schema()
      guard schema.isUsable else { throw schema.refusal(of: path) }
      guard schema.pending.isEmpty else {
        throw Ending.refused(
          "\(path) has schema \(schema.version); run doorward migrate --database sqlite:\(path) first")
      }
      return file
    }
    guard let store = try await location.open(isNew: false, isAwaited: nil) as? any StoreExport else {
      throw Ending.usage("nothing can be copied from \(location.description) yet")
    }
    return store
  }

  private func show(_ report: StoreCopy.Report, _ from: DatabaseLocation, _ to: DatabaseLocation) {
    let total = report.counts.values.reduce(0, +)
    if options.json {
      return print(
        JSON.object([
          .init("from", .string(from.description)), .init("to", .string(to.description)),
          .init("copied", .integer(Int64(total - report.found))), .init("found", .integer(Int64(report.found))),
          .init(
            "records",
            .object(report.counts.sorted { $0.key < $1.key }.map { .init($0.key, .integer(Int64($0.value))) })),
          .init("digest", .string(report.digest)),
        ]).indented)
    }
    print(
      "Copied \(total - report.found) records to \(to.description)" + (report.found > 0 ? "; " : ".")
        + (report.found > 0 ? "\(report.found) were there from before." : ""))
    print("All \(total) were compared with \(from.description): they are equal. Digest \(report.digest).")
    print("The key file is not in the database: every node needs the one the source's server used.")
  }

  private static func ending(_ fault: StoreCopy.Fault, _ from: DatabaseLocation, _ to: DatabaseLocation) -> Ending {
    let (from, to) = (from.description, to.description)
    switch fault {
    case .targetHasRecords(let count):
      return .refused("\(to) has \(count) records; name an empty database, or go on with a copy cut off with --resume")
    case .targetDiffers(let key):
      return .refused(
        "\(to) is no copy of \(from): its \(key.kind.rawValue) \(key.key) differs; name an empty database")
    case .unknownKinds(let kinds):
      return .refused(
        "\(from) has records of a newer version (\(kinds.joined(separator: ", "))); copy it with that one")
    case .sourceChanged:
      return .refused(
        "\(from) was written to meanwhile; stop every server on it, and copy it again into an empty database")
    case .incomplete(let words): return .refused("\(to) is not a whole copy: \(words); do not use it")
    case .source(let failure), .target(let failure): return .unavailable(Doorward.describe(failure))
    }
  }
}
