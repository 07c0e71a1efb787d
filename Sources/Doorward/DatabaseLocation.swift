import Foundation
import SQLiteStorage
import Storage

#if PostgreSQL
import PostgreSQLStorage
#endif

/// Where everything is stored: a SQLite file, or a PostgreSQL database that several nodes share.
enum DatabaseLocation: Sendable {
  case sqlite(path: String)
  case postgreSQL(url: String)

  /// The environment variable for a URL whose password no list of processes shall show.
  static let variable = "DOORWARD_DATABASE"

  /// - Parameter text: `sqlite:PATH` or `postgresql://…`.
  init(_ text: String) throws {
    if text.hasPrefix("sqlite:") {
      self = .sqlite(path: String(text.dropFirst("sqlite:".count)))
    } else if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") {
      self = .postgreSQL(url: text)
    } else {
      // It may have been meant to be one with a password: it is not repeated.
      throw Ending.usage("--database is sqlite:PATH or postgresql://USER@HOST:PORT/DATABASE")
    }
  }

  /// What was given on the command line or in the configuration, or else in the environment.
  static func given(_ text: String?) throws -> DatabaseLocation? {
    try (text ?? ProcessInfo.processInfo.environment[variable]).map(DatabaseLocation.init)
  }

  /// What `init` takes, without the password.
  var reference: String {
    #if PostgreSQL
    if case .postgreSQL(let url) = self, let address = try? DatabaseAddress(url) { return address.url }
    #endif
    return description
  }

  /// For people; without the password.
  var description: String {
    switch self {
    case .sqlite(let path): return "sqlite:" + path
    case .postgreSQL(let url):
      #if PostgreSQL
      return (try? DatabaseAddress(url))?.description ?? "postgresql://…"
      #else
      return "postgresql://…"
      #endif
    }
  }

  /// - Parameters:
  ///   - isNew: whether a SQLite file may be made.
  ///   - isAwaited: told once why a database that does not answer is waited for; `nil` when it is not.
  func open(isNew: Bool, isAwaited: ((String) -> Void)?) async throws -> any Store {
    switch self {
    case .sqlite(let path):
      guard isNew || FileManager.default.fileExists(atPath: path) else {
        throw Ending.unavailable("there is no database at \(path); name the server's folder with --data")
      }
      // A server, which is who waits, looks further than a command beside it: see `SQLiteStore.Inspection`.
      let inspection: SQLiteStore.Inspection = isAwaited == nil ? .glance : .whole(upTo: 8 << 20)
      do { return try SQLiteStore(path: path, inspection: inspection) } catch {
        throw Ending.unavailable(describe(error))
      }
    case .postgreSQL(let url):
      #if PostgreSQL
      return try await Self.connect(url, isAwaited)
      #else
      throw Ending.usage("this doorward was built without PostgreSQL; use sqlite:PATH, or build it with that trait")
      #endif
    }
  }

  /// For a command that changes nothing.
  func openForReading() async throws -> any Store {
    guard case .sqlite(let path) = self else {
      let schema = try schemaElsewhere()
      guard schema.isUsable else { throw Ending.unavailable(describe(schema.refusal(of: description))) }
      guard schema.version > 0, schema.pending.isEmpty || schema.version > schema.known else {
        throw Ending.unavailable(
          "\(description) has no store of this version's schema; start a server on it, or run doorward migrate")
      }
      return try await open(isNew: false, isAwaited: nil)
    }
    guard FileManager.default.fileExists(atPath: path) else {
      throw Ending.unavailable("there is no database at \(path); name the server's folder with --data")
    }
    do { return try SQLiteStore(reading: path) } catch { throw Ending.unavailable(describe(error)) }
  }

  /// How the schema of a database server's store stands; nothing is done to it.
  func schemaElsewhere() throws -> SchemaState {
    #if PostgreSQL
    if case .postgreSQL(let url) = self {
      do { return try PostgreSQLStore.schema(of: DatabaseAddress(url)) } catch {
        throw Ending.unavailable(describe(error))
      }
    }
    #endif
    throw Ending.usage("this doorward was built without PostgreSQL; use sqlite:PATH, or build it with that trait")
  }

  #if PostgreSQL
  /// How long a server that starts waits for its database: both may have been started at the same moment.
  private static let patience = Duration.seconds(60)

  private static func connect(_ url: String, _ isAwaited: ((String) -> Void)?) async throws -> any Store {
    let address: DatabaseAddress
    do { address = try DatabaseAddress(url) } catch { throw Ending.usage(describe(error)) }
    let end = ContinuousClock.now + patience
    var isToldOf = false
    while true {
      do { return try PostgreSQLStore(address) } catch {
        // A server that answers and will not have us is not waited for: somebody has to mend that.
        guard case .unavailable(let words) = error, let isAwaited, ContinuousClock.now < end,
          address.isWorthWaiting(after: words)
        else { throw Ending.unavailable(describe(error)) }
        if !isToldOf { isAwaited("\(words); waiting up to \(patience) for it") }
        isToldOf = true
      }
      try await Task.sleep(for: .milliseconds(500))
    }
  }
  #endif
}
